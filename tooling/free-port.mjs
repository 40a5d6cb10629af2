// A port on which nobody listens, for programs that are told their port.
import { once } from "node:events";
import { createServer } from "node:net";

export async function freePort() {
  const server = createServer();
  await once(server.listen(0), "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
