import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { atEnd } from "./at-end.ts";

/** A way to a server on which answers can be lost. */
export async function startLossyProxy(port: number) {
  let losing = false;
  let lost = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    for (const socket of [client, upstream]) sockets.add(socket.on("error", () => {}));
    client.on("data", (data) => upstream.write(data)).on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    upstream.on("data", (data) => {
      if (!losing) return client.write(data);
      losing = false;
      lost++;
      return client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  atEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    /** The server does what it is told, but the connection breaks before its answer is here. */
    loseNextAnswer() {
      losing = true;
    },
    get lost() {
      return lost;
    },
  };
}
