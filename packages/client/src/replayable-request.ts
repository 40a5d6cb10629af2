import { clientError } from "@l402/core";
import { type Hop, MAX_REDIRECTS, redirectOf, removeHeaders } from "./redirects.ts";

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
  send(credential?: string): Promise<Response>;
  /** The request that an answer is to: after a redirect another one. Nothing where that cannot be known. */
  answeredBy(response: Response): ReplayableRequest | undefined;
}

/** What redirects have left of a request. */
interface Place extends Hop {
  /** The caller's; nothing where they are in a Request. */
  headers: Headers | undefined;
  hasBody: boolean;
}

/** By the answers that came after a redirect: what they are answers to. */
const moved = new WeakMap<Response, ReplayableRequest>();

/** Takes a copy of what could be consumed or changed while a payment is made. */
export async function replayable(
  fetch: typeof globalThis.fetch,
  input: string | URL | Request,
  init: RequestInit | undefined,
): Promise<ReplayableRequest> {
  // A Request, or whatever else is no plain object, has its values elsewhere.
  if (init && Object.getPrototypeOf(init) !== Object.prototype) {
    return replayable(fetch, new Request(input, init), undefined);
  }
  const request = typeof input === "object" && "url" in input ? input.clone() : undefined;
  const options = init && { ...init };
  if (options?.headers) options.headers = new Headers(options.headers);
  const given = options?.headers ?? request?.headers;

  const body = options?.body;
  const isReadOnce = isStream(body);
  if (options && !isReadOnce && body && typeof body !== "string" && !(body instanceof Blob)) {
    // Serialised once, so that a form has the same boundary every time.
    const serialised = new Response(body);
    options.headers = new Headers(given);
    const type = serialised.headers.get("content-type");
    if (type && !options.headers.has("content-type")) options.headers.set("content-type", type);
    options.body = await serialised.arrayBuffer();
  }

  const signal = options?.signal ?? request?.signal ?? undefined;
  const hasAuthorization = given !== undefined && new Headers(given).has("authorization");
  /** What `fetch` forgets of a Request when it is given anything else beside it. */
  const own = request && { referrer: request.referrer, referrerPolicy: request.referrerPolicy };
  const redirect = options?.redirect ?? request?.redirect ?? "follow";
  const hasDigest = options?.integrity || request?.integrity;
  // Browsers follow as they should, and let nobody see a redirect.
  const isSeen = redirect === "follow" && globalThis.location === undefined;
  const first: Place = {
    url: new URL(request ? request.url : String(input), globalThis.location?.href),
    method: (options?.method ?? request?.method ?? "GET").toUpperCase(),
    headers: options?.headers as Headers | undefined,
    hasBody: true,
  };
  /** A body of a Request can be read once: every sending takes a copy. */
  const copy = () => (request?.body && !body ? request.clone() : request);

  function exchange(place: Place, follows: boolean, credential: string | undefined): Promise<Response> {
    const { url, method, hasBody } = place;
    let { headers } = place;
    if (credential) {
      headers = new Headers(headers ?? given);
      headers.set("authorization", credential);
    }
    const sent = { ...own, ...options, ...(credential && NO_STORE), headers, redirect: follows ? "manual" : redirect };
    if (place === first) return fetch(copy() ?? url.href, follows || credential ? (sent as RequestInit) : options);
    const again = hasBody ? (options?.body ?? copy()?.body) : undefined;
    Object.assign(sent, { method, body: again, signal, duplex: "half" });
    return fetch(request && !request.body ? new Request(url, request) : url.href, sent as RequestInit);
  }

  const requestAt = (place: Place): ReplayableRequest => ({
    url: place.url,
    method: place.method,
    hasAuthorization,
    isReplayable: !isReadOnce || !place.hasBody,
    signal,

    /**
     * SECURITY: not every `fetch` takes the credential off a request that is redirected elsewhere, and none says what it made
     * of the method (client.redirect.test.ts, "gets no credential"; client.moved.test.ts, "is paid for where it leads").
     */
    async send(credential) {
      // What has to have a digest is no redirect.
      const follows = isSeen && !(hasDigest && !credential);
      let at = place;
      for (let hops = 0; ; hops++) {
        const response = await exchange(at, follows, credential);
        const next = follows && redirectOf(response.status, response.headers.get("location"), at);
        if (!next) {
          if (at !== first) {
            if (!response.redirected) moved.set(response, requestAt(at));
            Reflect.defineProperty(response, "redirected", { value: true });
            Reflect.defineProperty(response, "url", { value: response.url || at.url.href });
          }
          return response;
        }
        discard(response);
        const hasBody = at.hasBody && next.keepsBody;
        if (hops === MAX_REDIRECTS || (hasBody && isReadOnce)) throw new TypeError("It cannot be redirected further.");
        const headers = new Headers(at.headers ?? given);
        removeHeaders(headers, next);
        if (next.leaves) credential = undefined;
        at = { url: next.url, method: next.method, headers, hasBody };
      }
    },

    answeredBy(response) {
      const { redirected, url } = response;
      const found = moved.get(response);
      if (found || !(redirected ?? (url && url !== place.url.href))) return found ?? this;
      // Whoever follows by themselves does not say what became of a POST.
      return place.method === "GET" && url ? requestAt({ ...place, url: new URL(url) }) : undefined;
    },
  });
  return requestAt(first);
}

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
