import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import {
  checkOption,
  headerLines,
  mergeHeaders,
  type Payment,
  type Paywall,
  type TermsFor,
  watchResponse,
} from "@l402/core";
import type { FastifyRequest, preHandlerAsyncHookHandler } from "fastify";

declare module "fastify" {
  interface FastifyRequest {
    /** The payment for this request. */
    l402?: Payment;
  }
}

/** The request of any server, also one with HTTP/2, or with its own logger or type provider. */
type AnyRequest = Pick<FastifyRequest, "method" | "originalUrl" | "ip"> & { raw: IncomingMessage | Http2ServerRequest };
type Hook = (request: AnyRequest, reply: object) => Promise<unknown>;

/**
 * Charges for a Fastify route, as its `preHandler`: the body is parsed and valid before the client is asked to pay. Give
 * the parameter of a terms function the type of the route's requests, such as `FastifyRequest<{ Body: Order }>`.
 */
export function l402<Req extends AnyRequest = FastifyRequest>(paywall: Paywall, terms: TermsFor<Req>): Hook {
  checkOption(typeof paywall?.gate === "function", "l402: paywall", "what createPaywall returns");
  const gate = paywall.gate(terms);
  const charge: preHandlerAsyncHookHandler = async (request, reply) => {
    const { method, originalUrl, raw } = request;
    // True if another part of the application, such as a timeout, has answered already, or if the client has gone. With
    // HTTP/2, only the socket shows that the client has gone.
    const hasLeft = () => reply.sent || raw.socket?.destroyed;
    const asked = {
      method,
      path: originalUrl,
      header: (name: string) => headerLines(raw, name),
      clientKey: () => request.ip,
      hasLeft,
    };
    const decision = await gate(asked, request as AnyRequest as Req);
    if (hasLeft()) {
      if (decision.outcome === "granted") await decision.finish("unserved");
      // SECURITY: if the hook only returned, Fastify would go on to the handler (late-answer.test.ts, "has gone").
      return reply.hijack();
    }
    const { headers } = decision.outcome === "granted" ? decision : decision.reply;
    for (const [name, value] of mergeHeaders((name) => reply.getHeader(name), headers)) {
      // Fastify appends cookies to the existing ones, but this list already contains those.
      if (name === "Set-Cookie") reply.removeHeader(name);
      reply.header(name, value);
    }
    if (decision.outcome !== "granted") {
      await reply.code(decision.reply.status).send(decision.reply.body);
      // SECURITY: a client that goes while an `onSend` hook works ends the wait before the reply is sent. If the hook
      // only returned, Fastify would go on to the handler, unpaid (late-answer.test.ts, "goes while").
      if (!reply.sent) reply.hijack();
      return;
    }

    request.l402 = decision.payment;
    // SECURITY: where the platform does not show what was sent, a reply without a response is a WebSocket, which was
    // served (taken-over.test.ts).
    watchResponse(reply.raw, (end) => decision.finish(end ?? (reply.sent ? 101 : "left")), headers);
  };
  return charge as Hook;
}
