/**
 * Copies the options of a request, with a body that can be sent more than once: a form is serialised once, so that it
 * has the same boundary every time. `isReplayable` is false for a stream, which is left as it is.
 */
export async function freezeBody(init: RequestInit | undefined, given: Headers | undefined) {
  const options = init && { ...init };
  if (options?.headers) options.headers = new Headers(options.headers);
  const body = options?.body;
  const isReplayable = !isStream(body);
  if (options && isReplayable && body && typeof body !== "string" && !(body instanceof Blob)) {
    const serialised = new Response(body);
    options.headers = new Headers(options.headers ?? given);
    const type = serialised.headers.get("content-type");
    if (type && !options.headers.has("content-type")) options.headers.set("content-type", type);
    options.body = await serialised.arrayBuffer();
  }
  return { options, isReplayable };
}

const isStream = (body: unknown): boolean =>
  typeof body === "object" && body !== null && (body instanceof ReadableStream || Symbol.asyncIterator in body);
