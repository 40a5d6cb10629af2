import {
  mergeHeaders,
  type Payment,
  type Paywall,
  type PaywallRequest,
  type Reply,
  type RequestEnd,
  type TermsFor,
} from "@l402/core";

// Replace these, Request and Response with the framework's own types: import type { … } from "example".
export type PaidHandler = (request: Request, payment: Payment) => Promise<Response>;
export type Handler = (request: Request) => Promise<Response>;

/** Charges for a route of Example. */
export function l402(paywall: Paywall, terms: TermsFor<Request>): (handler: PaidHandler) => Handler {
  // Called once, when the route is mounted, so that terms that can never work fail there.
  const gate = paywall.gate(terms);
  return (handler) => async (request) => {
    // Read the signal before the gate: some runtimes watch for the client's leaving only from this moment on.
    const { signal } = request;
    const decision = await gate(read(request), request);
    if (decision.outcome !== "granted") return write(decision.reply);
    // The client has gone: the handler does not run, and the status 408 reaches no client.
    if (signal.aborted) return decision.finish("unserved").then(() => new Response(null, { status: 408 }));
    // Told at once: the handler may work on, and the client may ask again meanwhile.
    signal.addEventListener("abort", () => decision.finish("left"));
    let end: RequestEnd = "unserved";
    try {
      const response = await handler(request, decision.payment);
      end = response.status;
      const headers = mergeHeaders((name) => response.headers.get(name), decision.headers);
      for (const [name, value] of headers) response.headers.set(name, String(value));
      return response;
    } finally {
      await decision.finish(signal.aborted ? "left" : end);
    }
  };
}

function read(_request: Request): PaywallRequest {
  throw new Error("read is not written yet: method, path as received, headers, clientKey, hasLeft.");
}

function write(_reply: Reply): Response {
  throw new Error("write is not written yet: status, headers (through mergeHeaders) and body of the reply.");
}
