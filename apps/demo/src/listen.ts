import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Hono } from "hono";

/** Serves on a port of 127.0.0.1, or on a free one where that port is taken. */
export async function listen(fetch: Hono["fetch"], wanted: number) {
  const server = createAdaptorServer({ fetch });
  const bind = async (port: number) => {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  await bind(wanted).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EADDRINUSE" && error.code !== "EACCES") throw error;
    return bind(0);
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: () => {
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
    },
  };
}
