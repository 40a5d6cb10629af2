import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";

export interface Listening {
  url: string;
  /** Takes no more requests, and waits a little for those under way. */
  close(): Promise<void>;
}

type Fetch = Parameters<typeof createAdaptorServer>[0]["fetch"];

const GRACE_MS = 5_000;

/** SECURITY: who sends a byte now and then keeps no connection (http-limits.test.ts, "a slow sender"). */
export function serverFor(fetch: Fetch): Server {
  const server = createAdaptorServer({ fetch, serverOptions: { maxHeaderSize: 16_384 } }) as Server;
  server.headersTimeout = 10_000;
  server.requestTimeout = 15_000;
  return server;
}

/** Serves on a port; 0 is any that is free. */
export async function listen(fetch: Fetch, hostname: string, port: number): Promise<Listening> {
  const server = serverFor(fetch);
  server.listen(port, hostname);
  await once(server, "listening");
  const { port: taken } = server.address() as AddressInfo;
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return {
    url: `http://${host}:${taken}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      const impatience = setTimeout(() => server.closeAllConnections(), GRACE_MS);
      await closed;
      clearTimeout(impatience);
    },
  };
}
