import { mergeHeaders, type Payment, type Paywall, type PaywallRequest, type Reply, type TermsFor } from "@l402/core";

// Put the framework's own types in place of these, and of Request and Response: import type { … } from "example".
export type PaidHandler = (request: Request, payment: Payment) => Promise<Response>;
export type Handler = (request: Request) => Promise<Response>;

/** Charges for a route of Example. */
export function l402(paywall: Paywall, terms: TermsFor<Request>): (handler: PaidHandler) => Handler {
  // Once, when the route is mounted: terms that can never work fail there.
  const gate = paywall.gate(terms);
  return (handler) => async (request) => {
    // Read before the gate: some runtimes only watch for the client's leaving from then on.
    const { method, signal } = request;
    const decision = await gate(read(request), request);
    if (decision.outcome !== "granted") return write(decision.reply);
    // Nobody is there any more, so nothing runs, and nobody reads this.
    if (signal.aborted) return decision.release().then(() => new Response(null, { status: 408 }));
    let failed = true;
    try {
      const response = await handler(request, decision.payment);
      failed = response.status >= 500;
      const headers = mergeHeaders((name) => response.headers.get(name), decision.headers);
      for (const [name, value] of headers) response.headers.set(name, String(value));
      return response;
    } finally {
      // What changes something is paid for, also by a client that leaves in the middle.
      if (signal.aborted ? method === "GET" || method === "HEAD" : failed) await decision.release();
    }
  };
}

function read(_request: Request): PaywallRequest {
  throw new Error("read is not written yet: method, path as received, headers, clientKey, hasLeft.");
}

function write(_reply: Reply): Response {
  throw new Error("write is not written yet: status, headers (through mergeHeaders) and body of the reply.");
}
