import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request that arrived, and its reply. */
export interface Exchange {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  reply: Reply;
}

export interface Reply {
  status: number;
  /** A string is sent as it is, everything else as JSON. */
  body: unknown;
}

/**
 * Starts an HTTP server on this computer that plays a Lightning backend in tests. A test can break it, let it hang, and
 * make it lose an answer, as the kits require.
 */
export async function fakeBackend(answer: (request: Omit<Exchange, "reply">) => Promise<Reply>) {
  const exchanges: Exchange[] = [];
  const held: ServerResponse[] = [];
  let outage: "down" | "hanging" | undefined;
  let losesNext = "";

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (outage === "down") return void request.socket.destroy();
    // The request stays unread, as if it had never arrived.
    if (outage === "hanging") return void held.push(response);
    const { method = "", url: path = "", headers } = request;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const question = { method, path, headers, body: Buffer.concat(parts).toString() };
    const reply = await answer(question);
    exchanges.push({ ...question, reply });
    if (losesNext !== "" && path.includes(losesNext)) {
      losesNext = "";
      return void request.socket.destroy();
    }
    const isText = typeof reply.body === "string";
    const type = isText ? "text/plain" : "application/json; charset=utf-8";
    // A connection that is kept open could break in the middle of the next test.
    response.writeHead(reply.status, { "content-type": type, connection: "close" });
    response.end(isText ? reply.body : JSON.stringify(reply.body));
  }

  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  /** Returns a function that begins an outage. That function returns another one, which ends the outage. */
  const begin = (kind: "down" | "hanging") => () => {
    outage = kind;
    return () => {
      outage = undefined;
      for (const response of held.splice(0)) response.destroy();
    };
  };

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** All requests and replies, the oldest first. */
    exchanges,
    breakBackend: begin("down"),
    hangBackend: begin("hanging"),
    /** Loses the answer to the next request whose path contains this text. The request itself is carried out. */
    loseNextAnswer(pathPart: string) {
      losesNext = pathPart;
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
