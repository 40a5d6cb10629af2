import { type IncomingMessage, request } from "node:http";
import { pause } from "../kit-time.ts";

/** A request as it is sent. Several values of a header become several lines. */
export interface Outgoing {
  method?: string;
  /** The request target to send, instead of the path of the URL. */
  target?: string;
  headers?: Readonly<Record<string, string | readonly string[]>>;
  body?: string;
}

/** An answer as it was received. `fetch` would have joined the header lines. */
export interface Answer {
  status: number;
  /** All lines of a header, joined. */
  header(name: string): string;
  lines(name: string): readonly string[];
  body: string;
}

/** The beginning of an answer, of which the rest has not come yet. */
export interface FirstChunk {
  first: string;
  rest(): Promise<string>;
  leave(): void;
}

/** The client of one server. */
export interface HttpClient {
  /** Sends a request and reads the whole answer. */
  send(path: string, outgoing?: Outgoing): Promise<Answer>;
  /** Sends a request, and returns as soon as the first piece of the body has arrived. */
  sendForFirstChunk(path: string, outgoing?: Outgoing): Promise<FirstChunk>;
  /**
   * Sends a request, and returns a function that leaves without waiting for an answer. It resolves when the server can
   * have noticed.
   */
  sendAndLeave(path: string, outgoing?: Outgoing): () => Promise<void>;
  close(): void;
}

export function connectHttp1(url: string): HttpClient {
  return {
    async send(path, outgoing = {}) {
      const { message, head } = await open(url + path, outgoing);
      let body = "";
      for await (const chunk of message.setEncoding("utf8")) body += chunk;
      return { ...head, body };
    },
    async sendForFirstChunk(path, outgoing = {}) {
      const { message } = await open(url + path, outgoing);
      return readFirstChunk(message.setEncoding("utf8"), () => message.destroy());
    },
    sendAndLeave(path, { method = "GET", headers = {} } = {}) {
      const outgoing = request(url + path, { method, agent: false, headers: headers as Record<string, string> });
      // Ignore errors and early answers: the case checks the effects on the server.
      outgoing.on("error", () => {}).on("response", (message) => message.resume());
      outgoing.end();
      return () => {
        outgoing.destroy();
        return pause(A_MOMENT_IN_SECONDS);
      };
    },
    close() {},
  };
}

/** How long a server may take to notice a closed connection, or to do a forbidden action. */
export const A_MOMENT_IN_SECONDS = 0.1;

export async function readFirstChunk(body: AsyncIterable<string>, leave: () => unknown): Promise<FirstChunk> {
  const chunks = body[Symbol.asyncIterator]();
  const { value: first = "" } = await chunks.next();
  return {
    first,
    leave: () => void leave(),
    async rest() {
      let text = "";
      for (let chunk = await chunks.next(); !chunk.done; chunk = await chunks.next()) text += chunk.value;
      return text;
    },
  };
}

function open(url: string, { method = "GET", target, headers = {}, body }: Outgoing) {
  return new Promise<{ message: IncomingMessage; head: Omit<Answer, "body"> }>((resolve, reject) => {
    // Open a new connection for every request, because a server with open connections takes long to close.
    const options = { method, agent: false, timeout: 10_000, ...(target && { path: target }) } as const;
    const outgoing = request(url, options, (message) => {
      const lines = (name: string) => message.headersDistinct[name.toLowerCase()] ?? [];
      const header = (name: string) => lines(name).join(", ");
      resolve({ message, head: { status: message.statusCode ?? 0, lines, header } });
    });
    for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
    outgoing.on("timeout", () => outgoing.destroy(new Error("The server did not answer within 10 s.")));
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}
