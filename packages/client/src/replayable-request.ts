import { clientError } from "@l402/core";
import { MAX_REDIRECTS, redirectOf, removeHeaders } from "./redirects.ts";

/** A request that can be sent more than once, byte for byte. */
export interface ReplayableRequest {
  readonly url: URL;
  /** Upper case. */
  readonly method: string;
  /** True if the caller set an Authorization header of its own, which must not be replaced. */
  readonly hasAuthorization: boolean;
  /** False if the body is a stream. */
  readonly isReplayable: boolean;
  readonly signal: AbortSignal | undefined;
  send(credential?: string): Promise<Response>;
  /** The request that a response answers: after a redirect, another request. `undefined` if that cannot be known. */
  answeredBy(response: Response): Promise<ReplayableRequest | undefined>;
}

/** By response: the redirected request that it answers. */
const moved = new WeakMap<Response, ReplayableRequest>();

/** Copies everything of a request that could be consumed or changed while a payment is made. */
export async function replayable(
  fetch: typeof globalThis.fetch,
  input: string | URL | Request,
  init?: RequestInit,
  hops = 0,
): Promise<ReplayableRequest> {
  // A Request, or another object that is not plain, has its values on its prototype, and a spread would lose them.
  if (init && Object.getPrototypeOf(init) !== Object.prototype) return replayable(fetch, new Request(input, init));
  const request = typeof input === "object" && "url" in input ? input.clone() : undefined;
  const url = new URL(request ? request.url : String(input), globalThis.location?.href);
  const method = (init?.method ?? request?.method ?? "GET").toUpperCase();
  const options = init && { ...init };
  if (options?.headers) options.headers = new Headers(options.headers);

  const body = options?.body;
  const isReplayable = !isStream(body);
  if (options && isReplayable && body && typeof body !== "string" && !(body instanceof Blob)) {
    // The body is serialised once, so that a form has the same boundary every time.
    const serialised = new Response(body);
    options.headers = new Headers(options.headers ?? request?.headers);
    const type = serialised.headers.get("content-type");
    if (type && !options.headers.has("content-type")) options.headers.set("content-type", type);
    options.body = await serialised.arrayBuffer();
  }

  const given = options?.headers ?? request?.headers;
  /** Options of a Request that `fetch` drops when it is given more options. */
  const own = request && { referrer: request.referrer, referrerPolicy: request.referrerPolicy };
  const signal = options?.signal ?? request?.signal ?? undefined;
  const redirect = options?.redirect ?? request?.redirect ?? "follow";
  const hasDigest = options?.integrity || request?.integrity;
  // Browsers follow redirects safely, and do not let a program see them.
  const isSeen = redirect === "follow" && globalThis.location === undefined;
  /** The body of a Request can be read only once, so every `send` takes a copy. */
  const copy = () => (request?.body && !body ? request.clone() : request);

  /** The same request at the address that a redirect leads to. */
  const at = (to: string, change: RequestInit): Promise<ReplayableRequest> =>
    replayable(
      fetch,
      request && !request.body ? new Request(to, request) : to,
      { ...own, ...options, signal: signal ?? null, ...change },
      hops + 1,
    );

  const self: ReplayableRequest = {
    url,
    method,
    hasAuthorization: given !== undefined && new Headers(given).has("authorization"),
    isReplayable,
    signal,

    /**
     * SECURITY: the client follows redirects itself. Not every `fetch` removes the credential when a redirect leads to
     * another origin, and no `fetch` tells how it changed the method (client.redirect.test.ts, "gets no credential";
     * client.moved.test.ts, "is paid for where it leads").
     */
    async send(credential) {
      // With `integrity`, `fetch` would check the digest of the redirect itself, so `fetch` has to follow it.
      const follows = isSeen && !(hasDigest && !credential);
      const sent = {
        ...own,
        ...options,
        ...(credential && NO_STORE),
        redirect: follows ? "manual" : redirect,
      } as RequestInit;
      if (credential) {
        const headers = new Headers(given);
        headers.set("authorization", credential);
        sent.headers = headers;
      }
      const response = await fetch(copy() ?? url.href, follows || credential ? sent : options);
      const next = follows && redirectOf(response.status, response.headers.get("location"), { url, method });
      if (next) {
        discard(response);
        const mayLeave = (options?.mode ?? request?.mode) !== "same-origin";
        if (hops === MAX_REDIRECTS || (next.keepsBody && !isReplayable) || (next.leaves && !mayLeave)) {
          throw new TypeError("It cannot be redirected further.");
        }
        const headers = new Headers(given);
        removeHeaders(headers, next);
        const again = next.keepsBody && (options?.body ?? (request?.body && (await copy()?.arrayBuffer())));
        const there = { method: next.method, headers, body: again || null };
        return (await at(next.url.href, there)).send(next.leaves ? undefined : credential);
      }
      if (hops > 0) {
        if (!response.redirected) moved.set(response, self);
        Reflect.defineProperty(response, "redirected", { value: true });
        Reflect.defineProperty(response, "url", { value: response.url || url.href });
      }
      return response;
    },

    async answeredBy(response) {
      const { redirected, url: from } = response;
      const found = moved.get(response);
      if (found || !(redirected ?? (from && from !== url.href))) return found ?? self;
      // A `fetch` that followed a redirect does not tell whether a POST stayed a POST.
      return method === "GET" && from ? at(from, {}) : undefined;
    },
  };
  return self;
}

/** Bypasses caches, which could answer with what another user bought. Not every Worker knows the option. */
const NO_STORE: RequestInit = "cache" in Request.prototype ? { cache: "no-store" } : {};

const isStream = (body: unknown): boolean =>
  typeof body === "object" && body !== null && (body instanceof ReadableStream || Symbol.asyncIterator in body);

/** Throws before a payment if the request cannot be repeated after it. */
export function checkReplayable({ isReplayable }: ReplayableRequest): void {
  if (!isReplayable) throw clientError("BODY_NOT_REPLAYABLE");
}

/** Cancels a response's body: an unread body would keep its connection busy. */
export const discard = (response: Response): void => void response.body?.cancel().catch(() => {});
