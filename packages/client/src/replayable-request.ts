import { clientError } from "@l402/core";
import { MAX_REDIRECTS, redirectOf, removeHeaders } from "./redirects.ts";

/** A request that can be sent more than once, byte for byte. */
export interface ReplayableRequest {
  readonly url: URL;
  /** Upper case. */
  readonly method: string;
  /** The caller has a credential of another kind; it must not be replaced. */
  readonly hasAuthorization: boolean;
  /** False where the body is a stream. */
  readonly isReplayable: boolean;
  readonly signal: AbortSignal | undefined;
  send(authorization?: string): Promise<Response>;
}

/** Takes a copy of what could be consumed or changed while a payment is made. */
export async function replayable(
  fetch: typeof globalThis.fetch,
  input: string | URL | Request,
  init: RequestInit | undefined,
): Promise<ReplayableRequest> {
  const request = typeof input === "object" && "url" in input ? input.clone() : undefined;
  const url = new URL(request ? request.url : String(input), globalThis.location?.href);
  const method = (init?.method ?? request?.method ?? "GET").toUpperCase();
  const given = init?.headers ?? request?.headers;
  const options = init && { ...init };
  if (options?.headers) options.headers = new Headers(options.headers);

  const body = init?.body;
  const isReplayable = !isStream(body);
  if (options && isReplayable && body && typeof body !== "string" && !(body instanceof Blob)) {
    // Serialised once, so that a form has the same boundary every time.
    const serialised = new Response(body);
    options.headers = new Headers(options.headers ?? given);
    const type = serialised.headers.get("content-type");
    if (type && !options.headers.has("content-type")) options.headers.set("content-type", type);
    options.body = await serialised.arrayBuffer();
  }

  const signal = options?.signal ?? request?.signal;
  /** A body of a Request can be read once: every sending takes a copy. */
  const copy = () => (request?.body && !body ? request.clone() : request);

  /** SECURITY: not every `fetch` takes the credential off a request that is redirected elsewhere (client.redirect.test.ts). */
  async function sendCredential(authorization: string): Promise<Response> {
    const headers = new Headers(options?.headers ?? given);
    headers.set("authorization", authorization);
    const { referrer, referrerPolicy, redirect = "follow" } = { ...ownOf(request), ...options };
    // Browsers do take it off, and let nobody see a redirect.
    const follows = redirect === "follow" && !globalThis.location;
    const common = {
      ...options,
      ...NO_STORE,
      referrer,
      referrerPolicy,
      headers,
      redirect: follows ? "manual" : redirect,
    };
    let response = await fetch(copy() ?? url.href, common as RequestInit);
    let at = { url, method };
    for (let hops = 0; follows; hops++) {
      const next = redirectOf(response.status, response.headers.get("location"), at);
      if (!next) break;
      discard(response);
      if (hops === MAX_REDIRECTS) throw new TypeError("There are too many redirects.");
      removeHeaders(headers, next);
      const again = next.keepsBody ? (options?.body ?? copy()?.body) : undefined;
      const sent = { ...common, method: next.method, body: again, signal, duplex: "half" };
      response = await fetch(next.url, sent as RequestInit);
      Object.defineProperty(response, "redirected", { value: true });
      at = next;
    }
    return response;
  }

  return {
    url,
    method,
    hasAuthorization: given !== undefined && new Headers(given).has("authorization"),
    isReplayable,
    signal: signal ?? undefined,
    send: (authorization) =>
      authorization === undefined ? fetch(copy() ?? url.href, options) : sendCredential(authorization),
  };
}

/** What `fetch` forgets of a Request when it is given anything else beside it. */
const ownOf = ({ referrer, referrerPolicy, redirect }: Partial<Request> = {}) => ({
  referrer,
  referrerPolicy,
  redirect,
});

/** A cache could answer a paying request with what somebody else got. Not every Worker knows the option. */
const NO_STORE: RequestInit = "cache" in Request.prototype ? { cache: "no-store" } : {};

const isStream = (body: unknown): boolean =>
  typeof body === "object" && body !== null && (body instanceof ReadableStream || Symbol.asyncIterator in body);

/** Nothing is paid for a request that cannot be repeated. */
export function checkReplayable({ isReplayable }: ReplayableRequest): void {
  if (!isReplayable) throw clientError("BODY_NOT_REPLAYABLE");
}

/** What is not read keeps its connection busy. */
export const discard = (response: Response): void => void response.body?.cancel().catch(() => {});
