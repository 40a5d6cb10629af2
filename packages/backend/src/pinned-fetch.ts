import type { IncomingMessage } from "node:http";
import type { Agent, RequestOptions } from "node:https";
import { markNeverSent } from "./never-sent.ts";

/** Idle connections are closed after this, before the other side does it under a request. */
const IDLE_MS = 4_000;
/** They imitate Node's connections, and send a request again by themselves. */
const isNode = !("Bun" in globalThis || "Deno" in globalThis);

/** `fetch` over connections of its own, which trust one certificate. `fetch` itself cannot be told whom to trust. */
export function pinnedFetch({ ca, insecure }: { ca: string | undefined; insecure: boolean }): typeof fetch {
  let agent: Agent | undefined;

  return async (input, init = {}) => {
    const { Agent, request } = await import("node:https");
    const { Readable } = await import("node:stream");
    const trust = { rejectUnauthorized: !insecure, ...(ca !== undefined && { ca }) };
    agent ??= new Agent({ keepAlive: true, timeout: IDLE_MS, ...trust });
    // The signal stays out: a Request's own one is forgotten together with the Request.
    const { signal, ...rest } = init;
    const prepared = new Request(input as string, rest);
    const body = init.body ? await prepared.text() : undefined;
    const headers = Object.fromEntries(prepared.headers);
    if (body !== undefined) headers["content-length"] = String(Buffer.byteLength(body));
    const options: RequestOptions = { agent, method: prepared.method, headers, ...(signal && { signal }) };

    return new Promise((resolve, reject) => {
      let mayHaveLeft = true;
      const sent = request(prepared.url, options, (answer) => {
        // Nothing may be thrown in here: nobody would catch it, and the process would end.
        try {
          resolve(responseOf(answer, Readable.toWeb(answer) as ReadableStream<Uint8Array>));
        } catch (error) {
          sent.destroy();
          reject(error);
        }
      });
      sent.on("socket", (socket) => {
        // Nothing is written before the other side has shown its certificate; one that is used again did that before.
        if (!isNode || sent.reusedSocket) return;
        mayHaveLeft = false;
        socket.once("secureConnect", () => {
          mayHaveLeft = true;
        });
      });
      sent.on("error", (error) => {
        if (!mayHaveLeft) markNeverSent(error);
        reject(error);
      });
      sent.end(body);
    });
  };
}

function responseOf({ statusCode = 502, headers }: IncomingMessage, body: ReadableStream<Uint8Array>): Response {
  const retryAfter = headers["retry-after"];
  return new Response([204, 205, 304].includes(statusCode) ? null : body, {
    // What HTTP does not know is a fault.
    status: statusCode < 200 || statusCode > 599 ? 502 : statusCode,
    headers: retryAfter ? { "retry-after": retryAfter } : {},
  });
}
