import { mergeHeaders, type Payment, type Paywall, type Reply, type TermsFor } from "@l402/core";
import type { Context, MiddlewareHandler } from "hono";

/** Makes `c.get("l402")` known: what was paid for this request. */
export interface L402Env {
  Variables: { l402: Payment };
}

/** Charges for a Hono route. */
export function l402(paywall: Paywall, terms: TermsFor<Context>): MiddlewareHandler<L402Env> {
  const gate = paywall.gate(terms);
  return async (c, next) => {
    const { req } = c;
    const decision = await gate({ method: req.method, path: req.path, header: (name) => req.header(name) }, c);
    if (decision.outcome !== "granted") {
      const { status, headers, body } = decision.reply;
      setHeaders(c, headers);
      return body ? c.body(body, status as 402) : c.body(null, status as 204);
    }
    c.set("l402", decision.payment);
    await next();
    // Nobody is there any more to get what was paid for.
    if (c.res.status >= 500 || req.raw.signal?.aborted) await decision.release();
    setHeaders(c, decision.headers);
  };
}

function setHeaders(c: Context, headers: Reply["headers"]): void {
  for (const [name, value] of mergeHeaders((name) => c.res.headers.get(name), headers)) {
    c.header(name, undefined);
    for (const line of [value].flat()) c.header(name, line, { append: true });
  }
}
