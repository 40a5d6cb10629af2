import { type IncomingMessage, request } from "node:http";

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

/** Sends a request and reads the whole answer. */
export async function send(url: string, outgoing: Outgoing = {}): Promise<Answer> {
  const { message, head } = await open(url, outgoing);
  let body = "";
  for await (const chunk of message.setEncoding("utf8")) body += chunk;
  return { ...head, body };
}

/** Sends a request, and returns as soon as the first piece of the body has arrived. */
export async function sendForFirstChunk(
  url: string,
  outgoing: Outgoing,
): Promise<{ first: string; rest(): Promise<string>; leave(): void }> {
  const { message } = await open(url, outgoing);
  const chunks = message.setEncoding("utf8")[Symbol.asyncIterator]();
  const { value: first = "" } = await chunks.next();
  return {
    first,
    leave: () => void message.destroy(),
    async rest() {
      let text = "";
      for (let chunk = await chunks.next(); !chunk.done; chunk = await chunks.next()) text += chunk.value;
      return text;
    },
  };
}

/** Sends a request, and returns a function that closes its connection without waiting for an answer. */
export function sendAndLeave(url: string, { method = "GET", headers = {} }: Outgoing): () => void {
  const outgoing = request(url, { method, agent: false, headers: headers as Record<string, string> });
  // Ignore errors and early answers: the case checks the effects on the server.
  outgoing.on("error", () => {}).on("response", (message) => message.resume());
  outgoing.end();
  return () => void outgoing.destroy();
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
