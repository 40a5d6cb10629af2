import { clientError } from "@l402/core";

/** A request that can be sent more than once, byte for byte. */
export interface ReplayableRequest {
  readonly url: URL;
  /** Upper case. */
  readonly method: string;
  /** The caller has a credential of another kind; it must not be replaced. */
  readonly hasAuthorization: boolean;
  /** Throws BODY_NOT_REPLAYABLE where the body was a stream. */
  checkReplayable(): void;
  send(authorization?: string): Promise<Response>;
}

/** Takes a copy of what could be consumed or changed while a payment is made. */
export async function replayable(
  fetch: typeof globalThis.fetch,
  input: string | URL | Request,
  init: RequestInit | undefined,
): Promise<ReplayableRequest> {
  const request = typeof input === "object" && "url" in input ? input : undefined;
  const url = new URL(request ? request.url : String(input), globalThis.location?.href);
  const method = (init?.method ?? request?.method ?? "GET").toUpperCase();
  const given = init?.headers ?? request?.headers;
  const hasAuthorization = given !== undefined && new Headers(given).has("authorization");

  let options = init;
  let isStream = false;
  const body = init?.body;
  if (body !== undefined && body !== null && typeof body !== "string") {
    const copy = await copyOf(body);
    isStream = copy === undefined;
    if (copy) {
      options = { ...init, body: copy.body };
      const headers = new Headers(given);
      if (copy.contentType && !headers.has("content-type")) headers.set("content-type", copy.contentType);
      options.headers = headers;
    }
  }

  return {
    url,
    method,
    hasAuthorization,
    checkReplayable() {
      if (isStream) throw clientError("BODY_NOT_REPLAYABLE");
    },
    send(authorization) {
      // A body of a Request can be read once: every sending takes a copy.
      const target = request?.body && !body ? request.clone() : input;
      if (authorization === undefined) return fetch(target, options);
      const headers = new Headers(options?.headers ?? given);
      headers.set("authorization", authorization);
      // A cache could answer a paying request with somebody else's answer, or keep this one.
      return fetch(target, { ...options, headers, cache: "no-store" });
    },
  };
}

async function copyOf(body: BodyInit): Promise<{ body: BodyInit; contentType?: string } | undefined> {
  if (body instanceof ArrayBuffer) return { body: body.slice(0) };
  if (ArrayBuffer.isView(body)) {
    return { body: new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice() };
  }
  if (body instanceof Blob) return { body };
  if (body instanceof URLSearchParams || body instanceof FormData) {
    // Serialised once, so that a form has the same boundary every time.
    const response = new Response(body);
    const contentType = response.headers.get("content-type");
    return { body: await response.arrayBuffer(), ...(contentType && { contentType }) };
  }
  return undefined;
}
