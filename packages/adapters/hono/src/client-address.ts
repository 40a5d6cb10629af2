import type { Context } from "hono";

/** The other end of the connection, as `@hono/node-server`, Deno and Bun tell it; other platforms do not. */
export const clientAddress = ({ env, req }: Context): string | undefined =>
  env?.incoming?.socket?.remoteAddress ?? env?.remoteAddr?.hostname ?? env?.requestIP?.(req.raw)?.address;
