import type { IncomingMessage } from "node:http";
import { pipeline, Readable, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { fetchError } from "../request/fetch-error.ts";
import type { Hop } from "../request/redirects.ts";

const DECODERS = new Map<string, () => Transform>([
  ["br", createBrotliDecompress],
  ["deflate", createInflate],
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
]);

/** Characters that a `Response` takes for no part of a reason phrase. */
const NO_REASON = /[^\t -~\u0080-\u00ff]/g;

/** Turns an answer of Node's HTTP client into a `Response` of `fetch`. */
export function responseOf(answer: IncomingMessage, { url, method }: Hop, redirected: boolean): Response {
  const { statusCode: status = 502, statusMessage: statusText = "", rawHeaders } = answer;
  // A `Response` can have no other status.
  if (status < 200 || status > 599) {
    answer.destroy();
    throw fetchError(`The server answered with the status ${status}.`, "BAD_STATUS");
  }
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i] as string, rawHeaders[i + 1] as string);
  const hasBody = method !== "HEAD" && ![204, 205, 304].includes(status);
  if (!hasBody) answer.resume();
  const body = hasBody ? (Readable.toWeb(decoded(answer)) as ReadableStream<Uint8Array>) : null;
  const response = new Response(body, { status, statusText: statusText.replace(NO_REASON, ""), headers });
  const { href } = new URL("", url); // without the fragment
  const configurable = true;
  return Object.defineProperties(response, {
    url: { value: href, configurable },
    redirected: { value: redirected, configurable },
  });
}

function decoded(answer: IncomingMessage): Readable {
  const decoder = DECODERS.get(answer.headers["content-encoding"]?.trim().toLowerCase() ?? "");
  // `pipeline` passes an error on to the decoder, and so to the body.
  return decoder ? pipeline(answer, decoder(), () => {}) : answer;
}
