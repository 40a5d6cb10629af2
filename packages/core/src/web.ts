import type { Decision, Payment, Paywall, Terms, TermsFor } from "./paywall/paywall.ts";
import { mergeHeaders } from "./wire/merge-headers.ts";

/**
 * Sells a handler that takes a `Request` and answers a `Response`: in Workers, Bun, Deno, Next route handlers and wherever
 * else such handlers are. The handler gets the payment as its second argument, and behind it what the platform passes.
 */
export function withL402<Req extends Request, Rest extends unknown[]>(
  paywall: Paywall,
  terms: TermsFor<Req>,
  handler: (request: Req, payment: Payment, ...rest: Rest) => Response | Promise<Response>,
): (request: Req, ...rest: Rest) => Promise<Response> {
  const gate = paywall.gate(typeof terms === "function" ? readingACopy(terms) : terms);

  return async (request, ...rest) => {
    // The signal too, because Deno only watches for the client's leaving from then on.
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
      // So that terms can refuse a request; other errors are the framework's to answer.
      if (thrown instanceof Response) return thrown;
      throw thrown;
    }
    if (decision.outcome !== "granted") {
      const { status, body } = decision.reply;
      return withHeaders(new Response(body || null, { status }), decision.reply.headers);
    }
    // Nobody is there any more, so nothing runs, and nobody reads this.
    if (signal?.aborted) return decision.release().then(() => new Response(null, { status: 408 }));
    let failed = true;
    let isTakenOver = false;
    try {
      const response = await handler(request, decision.payment, ...rest);
      // SECURITY: a WebSocket is served, although Deno's signal says that the client left, and Bun answers nothing
      // (web.test.ts, "keeps the use of a WebSocket"). It cannot be copied, and no cache keeps it.
      isTakenOver = response ? response.status === 101 : /^websocket$/i.test(headers.get("upgrade") ?? "");
      if (isTakenOver) return response;
      const answer = withHeaders(response, decision.headers);
      failed = response.status >= 500;
      return answer;
    } catch (thrown) {
      failed = !isAnswer(thrown);
      throw thrown;
    } finally {
      // SECURITY: what changes something is paid for, also by a client that leaves (web.test.ts, "keeps the use").
      if (!isTakenOver && (signal?.aborted ? /^(GET|HEAD)$/.test(method) : failed)) await decision.release();
    }
  };
}

/** Some frameworks throw what they answer: a `Response`, or in Next a redirect or "not found", which has a digest. */
const isAnswer = (thrown: unknown): boolean =>
  thrown instanceof Response
    ? thrown.status < 500
    : /^NEXT_(REDIRECT|NOT_FOUND|HTTP_ERROR)/.test(String((thrown as { digest?: unknown } | null)?.digest));

/** Terms may read the body, and the handler still has to. What they leave unread is not kept in memory. */
const readingACopy =
  <Req extends Request>(terms: (request: Req) => Terms | Promise<Terms>) =>
  async (request: Req): Promise<Terms> => {
    if (!request.body) return terms(request);
    const copy = request.clone() as Req;
    try {
      return await terms(copy);
    } finally {
      // Not awaited: it ends when the handler has read its own copy.
      if (!copy.bodyUsed) copy.body?.cancel().catch(() => {});
    }
  };

function withHeaders(response: Response, added: Parameters<typeof mergeHeaders>[1]): Response {
  // A response that came from fetch has headers that cannot be changed.
  const answer = new Response(response.body, response);
  for (const [name, value] of mergeHeaders((header) => response.headers.get(header), added)) {
    answer.headers.delete(name);
    for (const line of [value].flat()) answer.headers.append(name, line);
  }
  return answer;
}
