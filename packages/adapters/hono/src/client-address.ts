import type { Context } from "hono";

/** The remote address of the connection. Only `@hono/node-server`, Deno and Bun provide it. */
export const clientAddress = ({ env, req }: Context): string | undefined =>
  env?.incoming?.socket?.remoteAddress ?? env?.remoteAddr?.hostname ?? env?.requestIP?.(req.raw)?.address;
