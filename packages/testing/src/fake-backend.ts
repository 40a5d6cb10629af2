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

/** When a request is carried out whose connection breaks. */
interface Break {
  pathPart: string;
  carriesOut(work: () => Promise<unknown>): unknown;
}

/**
 * Starts an HTTP server on this computer that plays a Lightning backend in tests. A test can break it, let it hang, make
 * it lose an answer, and delay a request, as the kits require.
 */
export async function fakeBackend(answer: (request: Omit<Exchange, "reply">) => Promise<Reply>) {
  const exchanges: Exchange[] = [];
  const held: ServerResponse[] = [];
  let outage: "down" | "hanging" | undefined;
  let nextBreak: Break | undefined;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (outage === "down") return void request.socket.destroy();
    // The request stays unread, as if it had never arrived.
    if (outage === "hanging") return void held.push(response);
    const { method = "", url: path = "", headers } = request;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const question = { method, path, headers, body: Buffer.concat(parts).toString() };
    const carryOut = async () => {
      const reply = await answer(question);
      exchanges.push({ ...question, reply });
      return reply;
    };
    if (nextBreak && path.includes(nextBreak.pathPart)) {
      const { carriesOut } = nextBreak;
      nextBreak = undefined;
      await carriesOut(carryOut);
      return void request.socket.destroy();
    }
    const reply = await carryOut();
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
      nextBreak = { pathPart, carriesOut: (work) => work() };
    },
    /**
     * Breaks the connection of the next request whose path contains this text. The request itself is carried out when
     * the returned function is called.
     */
    delayNext(pathPart: string): () => Promise<unknown> {
      let arrive = async (): Promise<unknown> => undefined;
      const carriesOut = (work: () => Promise<unknown>) => {
        arrive = work;
      };
      nextBreak = { pathPart, carriesOut };
      return () => arrive();
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
