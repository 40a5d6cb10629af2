import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

export interface HttpServer {
  origin: string;
  /** Every request that arrived, the oldest first. */
  seen: Seen[];
  close(): Promise<void>;
}

type Handler = (request: Seen, response: ServerResponse) => void | Promise<void>;

/** Starts a server on this computer, until the test ends. */
export async function startHttpServer(handler: Handler, host = "127.0.0.1"): Promise<HttpServer> {
  const seen: Seen[] = [];
  const listener: RequestListener = async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const { method = "", url: path = "", headers } = incoming;
    const request = { method, path, headers, body: Buffer.concat(chunks) };
    seen.push(request);
    await handler(request, response);
  };
  const server = createServer((incoming, response) => {
    Promise.resolve(listener(incoming, response)).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return { origin: `http://${host}:${(server.address() as AddressInfo).port}`, seen, close };
}

/** Answers a Node request with the response of a handler of Web requests. */
export const webHandler =
  (origin: () => string, handle: (request: Request) => Promise<Response>): Handler =>
  async ({ method, path, headers, body }, response) => {
    const hasBody = method !== "GET" && method !== "HEAD";
    const given = Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]);
    const request = new Request(origin() + path, {
      method,
      headers: given,
      body: hasBody ? new Uint8Array(body) : null,
    });
    const answer = await handle(request);
    const lines = [...answer.headers].flat();
    response.writeHead(answer.status, lines).end(Buffer.from(await answer.arrayBuffer()));
  };
