/**
 * Copies the options of a request, with a body that can be sent more than once: a form is serialised once, so that it
 * has the same boundary every time. `isReplayable` is false for what is left as it is: a stream, and what a
 * `Response` takes for a text, such as the form of another library, which the option `fetch` may know better.
 */
export async function freezeBody(init: RequestInit | undefined, given: Headers | undefined) {
  const options = init && { ...init, headers: new Headers(init.headers ?? given) };
  const body = options?.body;
  const isReplayable = !isStream(body);
  if (options && isReplayable && body && typeof body !== "string" && !(body instanceof Blob)) {
    const serialised = new Response(body);
    const type = serialised.headers.get("content-type");
    if (type?.startsWith("text/plain;")) return { options, isReplayable: false };
    if (type && !options.headers.has("content-type")) options.headers.set("content-type", type);
    options.body = await serialised.arrayBuffer();
  }
  return { options, isReplayable };
}

const isStream = (body: RequestInit["body"]): boolean =>
  body instanceof ReadableStream || !!(body as Partial<AsyncIterable<unknown>> | undefined)?.[Symbol.asyncIterator];
