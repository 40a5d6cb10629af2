import { mergeHeaders, type Payment, type Paywall, type Reply, type TermsFor } from "@l402/core";
import type { Context, MiddlewareHandler } from "hono";
import { clientAddress } from "./client-address.ts";

/** Makes `c.get("l402")` known: what was paid for this request. */
export interface L402Env {
  Variables: { l402: Payment };
}

/** Charges for a Hono route. */
export function l402(paywall: Paywall, terms: TermsFor<Context>): MiddlewareHandler<L402Env> {
  const gate = paywall.gate(terms);
  return async (c, next) => {
    const { method, path, raw } = c.req;
    // Asked for at once, because Deno only watches for the client's leaving from then on.
    const { signal } = raw;
    const header = (name: string) => c.req.header(name);
    const decision = await gate({ method, path, header, clientKey: clientAddress(c) }, c);
    if (decision.outcome !== "granted") {
      const { status, headers, body } = decision.reply;
      setHeaders(c, headers);
      return body ? c.body(body, status as 402) : c.body(null, status as 204);
    }
    // Nobody is there any more, so nothing runs, and nobody reads this.
    if (signal?.aborted) return decision.release().then(() => c.body(null, 408));
    c.set("l402", decision.payment);
    let failed = true;
    try {
      await next();
      failed = !c.finalized || c.res.status >= 500;
    } finally {
      // SECURITY: what changes something is paid for, also by a client that leaves (l402.test.ts).
      if (signal?.aborted ? /^(GET|HEAD)$/.test(method) : failed) await decision.release();
    }
    // A WebSocket has no response that could be changed.
    if (c.res.status !== 101) setHeaders(c, decision.headers);
  };
}

function setHeaders(c: Context, headers: Reply["headers"]): void {
  for (const [name, value] of mergeHeaders((name) => c.res.headers.get(name), headers)) {
    c.header(name, undefined);
    for (const line of [value].flat()) c.header(name, line, { append: true });
  }
}
