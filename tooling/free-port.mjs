// A port on which nobody listens, for programs that are told their port.
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports that systems give to connections, which could take it in the meantime. */
export async function freePort() {
  const server = createServer();
  try {
    await once(server.listen(randomInt(10_000, 32_000)), "listening");
  } catch {
    return freePort();
  }
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
