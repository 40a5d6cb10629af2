import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface InjectingRelay extends AsyncDisposable {
  url: string;
  /** Does it to every connection there is, in the place of whoever is on the way. Answers how many there were. */
  harm(how: (client: Socket) => void): number;
  /** Does it to every connection, before anything has passed. */
  harmFirst(how: (client: Socket) => void): void;
  /** Nobody can connect any more. */
  stop(): Promise<void>;
}

/** Stands between a client and a TLS server, and has no key: it sees and writes bytes alone. */
export async function startInjectingRelay(port: number): Promise<InjectingRelay> {
  const clients = new Set<Socket>();
  const all = new Set<Socket>();
  let first: ((client: Socket) => void) | undefined;
  const server = createServer((client) => {
    const target = connect(port, "127.0.0.1");
    for (const socket of [client, target]) {
      all.add(socket);
      socket.on("error", () => {});
    }
    clients.add(client);
    client.on("close", () => {
      clients.delete(client);
      target.destroy();
    });
    target.on("close", () => client.destroy());
    if (first) first(client);
    else client.pipe(target).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    harm(how) {
      const now = [...clients];
      for (const client of now) how(client);
      return now.length;
    },
    harmFirst(how) {
      first = how;
    },
    stop: async () => {
      const stopped = stop();
      for (const socket of all) socket.destroy();
      await stopped;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of all) socket.destroy();
      if (server.listening) await stop();
    },
  };
}
