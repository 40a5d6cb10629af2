import { headerLines, mergeHeaders, type Payment, type Paywall, type TermsFor, watchSentStatus } from "@l402/core";
import type { FastifyRequest, preHandlerAsyncHookHandler } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    /** What was paid for this request. */
    l402?: Payment;
  }
}

/** Charges for a Fastify route, as its `preHandler`: the body is parsed and valid before anybody is asked to pay. */
export function l402(paywall: Paywall, terms: TermsFor<FastifyRequest>): preHandlerAsyncHookHandler {
  const gate = paywall.gate(terms);
  return async (request, reply) => {
    const { method, originalUrl, raw } = request;
    // Something else, such as a timeout, was faster, or the client has gone: of HTTP/2, only the socket tells that.
    const hasLeft = () => reply.sent || raw.socket?.destroyed;
    const asked = {
      method,
      path: originalUrl,
      header: (name: string) => headerLines(raw, name),
      clientKey: () => request.ip,
      hasLeft,
    };
    const decision = await gate(asked, request);
    if (hasLeft()) {
      if (decision.outcome === "granted") await decision.release();
      // SECURITY: a hook that only returns would let Fastify go on to the handler (late-answer.test.ts, "has gone").
      return reply.hijack();
    }
    const { headers } = decision.outcome === "granted" ? decision : decision.reply;
    for (const [name, value] of mergeHeaders((name) => reply.getHeader(name), headers)) {
      // Fastify would add cookies to those that are there, and these are all of them.
      if (name === "Set-Cookie") reply.removeHeader(name);
      reply.header(name, value);
    }
    if (decision.outcome !== "granted") return reply.code(decision.reply.status).send(decision.reply.body);

    request.l402 = decision.payment;
    const sentStatus = watchSentStatus(reply.raw);
    reply.raw.once("close", () => {
      const status = sentStatus();
      // A WebSocket that took the connection over has been served.
      // SECURITY: what changes something is paid for, also by a client that leaves (l402.test.ts).
      const unserved = !reply.sent && /^(GET|HEAD)$/.test(method);
      if (status ? status >= 500 : unserved) decision.release();
    });
  };
}
