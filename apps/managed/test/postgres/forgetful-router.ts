import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Stands before a Postgres server, and can forget the connections that it has, as a router or a failover does. */
export async function startForgetfulRouter(url: string) {
  const to = new URL(url);
  const open = new Set<Socket>();
  const router = createServer((client) => {
    const server = connect(Number(to.port), to.hostname);
    for (const [from, other] of [
      [client, server],
      [server, client],
    ] as const) {
      open.add(from);
      from.on("data", (bytes) => void (open.has(from) && other.write(bytes)));
      from.on("error", () => {});
      from.on("close", () => void (open.delete(from) && other.destroy()));
    }
  });
  await new Promise<void>((resolve) => router.listen(0, "127.0.0.1", resolve));
  const via = new URL(url);
  via.host = `127.0.0.1:${(router.address() as AddressInfo).port}`;
  const all = new Set<Socket>();
  return {
    url: String(via),
    /** From now on, nothing that is sent on a connection arrives, and nobody hears that. New ones work. */
    forget() {
      for (const socket of open) all.add(socket);
      open.clear();
    },
    close() {
      for (const socket of [...open, ...all]) socket.destroy();
      router.close();
    },
  };
}
