import { checkOption } from "./check-option.ts";
import { isWebSocket } from "./for-adapters/is-web-socket.ts";
import { mergeHeaders } from "./for-adapters/merge-headers.ts";
import type { Decision, Payment, Paywall, RequestEnd, Terms, TermsFor } from "./paywall/paywall.ts";

/**
 * Sells access to a handler that takes a `Request` and returns a `Response`: in Workers, Bun, Deno, Next route handlers
 * and similar places. The handler gets the payment as its second argument. The platform's further arguments follow it.
 */
export function withL402<Req extends Request, Rest extends unknown[]>(
  paywall: Paywall,
  terms: TermsFor<Req>,
  handler: (request: Req, payment: Payment, ...rest: Rest) => Response | Promise<Response>,
): (request: Req, ...rest: Rest) => Promise<Response> {
  checkOption(typeof paywall?.gate === "function", "withL402: paywall", "what createPaywall returns");
  checkOption(typeof handler === "function", "withL402: handler", "a function");
  const gate = paywall.gate(typeof terms === "function" ? readingACopy(terms) : terms);

  return async (request, ...rest) => {
    // The signal is read here too, because Deno starts to watch for a disconnect only when the signal is first read.
    const { method, url, headers, signal } = request;
    const asked = {
      method,
      path: new URL(url).pathname,
      header: (name: string) => headers.get(name),
      hasLeft: () => signal?.aborted,
    };
    let decision: Decision;
    try {
      decision = await gate(asked, request);
    } catch (thrown) {
      // A terms function may refuse a request by throwing a `Response`. The framework handles all other errors.
      if (thrown instanceof Response) return thrown;
      throw thrown;
    }
    if (decision.outcome !== "granted") {
      const { status, body } = decision.reply;
      return withHeaders(new Response(body || null, { status }), decision.reply.headers);
    }
    // The client has disconnected: the handler does not run, and no one reads this response.
    if (signal?.aborted) return decision.finish("unserved").then(() => new Response(null, { status: 408 }));
    // A handler may work on when its client has left, and the client may ask again meanwhile. Deno also says of a WebSocket
    // that its client has left.
    if (!isWebSocket(undefined, asked.header)) signal?.addEventListener("abort", () => decision.finish("left"));
    let end: RequestEnd = "unserved";
    try {
      const response = await handler(request, decision.payment, ...rest);
      // The response of a WebSocket cannot be copied to add headers, and no cache stores it.
      if (isWebSocket(response, asked.header)) {
        end = 101;
        return response;
      }
      const answer = withHeaders(response, decision.headers);
      end = response.status;
      return answer;
    } catch (thrown) {
      end = endOf(thrown);
      throw thrown;
    } finally {
      await decision.finish(signal?.aborted && end !== 101 ? "left" : end);
    }
  };
}

/**
 * Tells how a request ended whose handler threw. Some frameworks throw their answers: a `Response`, or in Next a
 * redirect or "not found" error, which has a `digest` and a status below 500.
 */
function endOf(thrown: unknown): RequestEnd {
  if (thrown instanceof Response) return thrown.status;
  const { digest } = (thrown ?? {}) as { digest?: unknown };
  return /^NEXT_(REDIRECT|NOT_FOUND|HTTP_ERROR)/.test(String(digest)) ? 307 : "unserved";
}

/**
 * Gives the terms function a copy of the request, because it may read the body and the handler still has to. If the
 * terms function leaves its copy unread, the copy is not kept in memory.
 */
const readingACopy =
  <Req extends Request>(terms: (request: Req) => Terms | Promise<Terms>) =>
  async (request: Req): Promise<Terms> => {
    if (!request.body) return terms(request);
    const copy = request.clone();
    try {
      return await terms(copy.constructor === request.constructor ? (copy as Req) : readingFrom(copy, request));
    } finally {
      // Not awaited, because the cancel ends only when the handler has read its own copy.
      if (!copy.bodyUsed) copy.body?.cancel().catch(() => {});
    }
  };

/**
 * Gives a copy what only the original has. A copy of a subclass of `Request` is a plain `Request`: one of Next lacks
 * `nextUrl` and `cookies`.
 */
const readingFrom = <Req extends Request>(copy: Request, original: Req): Req =>
  new Proxy(original, {
    get(_, name) {
      const owner = name in copy ? copy : original;
      const value = Reflect.get(owner, name, owner);
      return typeof value === "function" ? value.bind(owner) : value;
    },
  });

function withHeaders(response: Response, added: Parameters<typeof mergeHeaders>[1]): Response {
  // The headers of a response that came from `fetch` cannot be changed, so the response is copied.
  const answer = new Response(response.body, response);
  for (const [name, value] of mergeHeaders((header) => response.headers.get(header), added)) {
    answer.headers.delete(name);
    for (const line of [value].flat()) answer.headers.append(name, line);
  }
  return answer;
}
