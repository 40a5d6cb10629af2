import type { IncomingMessage, ServerResponse } from "node:http";
import {
  checkOption,
  type Decision,
  type Gate,
  headerLines,
  mergeHeaders,
  type Payment,
  type Paywall,
  type TermsFor,
  watchResponse,
} from "@l402/core";
import type { Request, RequestHandler } from "express";

declare global {
  namespace Express {
    interface Request {
      /** The payment for this request. */
      l402?: Payment;
    }
  }
}

/** As wide as what comes with Express, so that `req.params` of the route keep their types. */
type Middleware = (req: IncomingMessage, res: ServerResponse, next: (error?: unknown) => void) => void;

/**
 * Charges for an Express route. Put it before the handler. If the terms read the body, put it after the body parser.
 * Give the parameter of a terms function the type of the route's requests, such as `Request<{ city: string }>`.
 */
export function l402<Req extends IncomingMessage = Request>(paywall: Paywall, terms: TermsFor<Req>): Middleware {
  checkOption(typeof paywall?.gate === "function", "l402: paywall", "what createPaywall returns");
  const gate: Gate<Req> = paywall.gate(terms);
  const charge: RequestHandler = (req, res, next) => {
    // True if another part of the application, such as a timeout, has answered already, or if the client has gone.
    const hasLeft = () => res.headersSent || req.socket?.destroyed;
    const answer = (decision: Decision) => {
      if (hasLeft()) return decision.outcome === "granted" ? decision.finish("unserved") : undefined;
      const { headers } = decision.outcome === "granted" ? decision : decision.reply;
      for (const [name, value] of mergeHeaders((name) => res.getHeader(name), headers)) res.setHeader(name, value);
      if (decision.outcome !== "granted") {
        return void res.status(decision.reply.status).end(decision.reply.body);
      }
      req.l402 = decision.payment;
      watchResponse(res, (end) => decision.finish(end ?? "left"), headers);
      return next();
    };
    const asked = {
      method: req.method,
      path: req.originalUrl,
      header: (name: string) => headerLines(req, name),
      clientKey: () => req.ip,
      hasLeft,
    };
    gate(asked, req as IncomingMessage as Req)
      .then(answer)
      .catch(next);
  };
  return charge as Middleware;
}
