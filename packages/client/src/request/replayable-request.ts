import { clientError, type Fetch } from "@l402/core";
import { fetchError } from "./fetch-error.ts";
import { freezeBody } from "./freeze-body.ts";
import { MAX_REDIRECTS, redirectOf, removeHeaders } from "./redirects.ts";

/** A request that can be sent more than once, byte for byte. */
export interface ReplayableRequest {
  readonly url: URL;
  /** Upper case. */
  readonly method: string;
  /** True if the caller set an Authorization header of its own, which must not be replaced. */
  readonly hasAuthorization: boolean;
  /** False if the body cannot be copied, such as a stream. */
  readonly isReplayable: boolean;
  readonly signal: AbortSignal | undefined;
  send(credential?: string): Promise<Exchange>;
}

export interface Exchange {
  response: Response;
  /** The request that was answered: after redirects, the last one. `undefined` if that cannot be known. */
  lastRequest: ReplayableRequest | undefined;
}

/** Copies everything of a request that could be consumed or changed while a payment is made. */
export async function replayable(
  fetch: Fetch,
  input: string | URL | Request,
  init?: RequestInit,
  hops = 0,
): Promise<ReplayableRequest> {
  // A Request, or another object that is not plain, has its values on its prototype, and a spread would lose them.
  if (init && Object.getPrototypeOf(init) !== Object.prototype) return replayable(fetch, new Request(input, init));
  const request = typeof input === "object" && "url" in input ? input.clone() : undefined;
  const url = new URL(request ? request.url : String(input), globalThis.location?.href);
  const method = (init?.method ?? request?.method ?? "GET").toUpperCase();
  const { options, isReplayable } = await freezeBody(init, request?.headers);
  const given = options?.headers ?? request?.headers;
  /** Options of a Request that `fetch` drops when it is given more options. */
  const own = request && { referrer: request.referrer, referrerPolicy: request.referrerPolicy };
  const signal = options?.signal ?? request?.signal ?? undefined;
  const redirect = options?.redirect ?? request?.redirect ?? "follow";
  const hasDigest = options?.integrity || request?.integrity;
  // Browsers follow redirects safely, and do not let a program see them.
  const isSeen = redirect === "follow" && globalThis.location === undefined;
  /** The body of a Request can be read only once, so every `send` takes a copy. */
  const copy = () => (request?.body && !options?.body ? request.clone() : request);

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
    hasAuthorization: !!given?.has("authorization"),
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
          throw fetchError("The client cannot follow this redirect.", "BAD_REDIRECT");
        }
        const headers = new Headers(given);
        removeHeaders(headers, next);
        const again = next.keepsBody && (options?.body ?? (request?.body && (await copy()?.arrayBuffer())));
        const there = { method: next.method, headers, body: again || null };
        return (await at(next.url.href, there)).send(next.leaves ? undefined : credential);
      }
      const lastRequest = await requestAt(response);
      if (hops > 0) {
        Reflect.defineProperty(response, "redirected", { value: true });
        Reflect.defineProperty(response, "url", { value: response.url || url.href });
      }
      return { response, lastRequest };
    },
  };

  /** The request that a `fetch` has sent in the end, which may have followed redirects itself. */
  async function requestAt({ redirected, url: from }: Response): Promise<ReplayableRequest | undefined> {
    if (!(redirected ?? (from && from !== url.href))) return self;
    // A `fetch` that followed a redirect does not tell whether a POST stayed a POST.
    return method === "GET" && from ? at(from, {}) : undefined;
  }
  return self;
}

/** Bypasses caches, which could answer with what another user bought. Not every Worker knows the option. */
const NO_STORE: RequestInit = "cache" in Request.prototype ? { cache: "no-store" } : {};

/** Throws before a payment if the request cannot be repeated after it. */
export function checkReplayable({ isReplayable }: ReplayableRequest): void {
  if (!isReplayable) throw clientError("BODY_NOT_REPLAYABLE");
}

/** Cancels a response's body: an unread body would keep its connection busy. */
export const discard = (response: Response): void => void response.body?.cancel().catch(() => {});
