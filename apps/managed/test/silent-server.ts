import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that takes every request and answers none; closing it ends them all at once. */
export async function startSilentServer() {
  const asked: string[] = [];
  const server = createServer(({ url = "" }) => void asked.push(url));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The paths of all requests. */
    asked,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
