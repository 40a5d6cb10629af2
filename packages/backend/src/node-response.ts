/** What is read of an `IncomingMessage`, whose type not every project has. */
interface NodeAnswer {
  statusCode?: number | undefined;
  headers: { "retry-after"?: string | undefined };
}

/** Idle connections are closed after this time, before the server closes them while a request is being sent. */
export const IDLE_MS = 4_000;

/** An answer of `node:https` as a `Response`, with its body as a web stream. */
export function responseOf({ statusCode = 502, headers }: NodeAnswer, body: ReadableStream<Uint8Array>): Response {
  const retryAfter = headers["retry-after"];
  return new Response([204, 205, 304].includes(statusCode) ? null : body, {
    // A status outside the range of HTTP counts as a fault of the server.
    status: statusCode < 200 || statusCode > 599 ? 502 : statusCode,
    headers: retryAfter ? { "retry-after": retryAfter } : {},
  });
}
