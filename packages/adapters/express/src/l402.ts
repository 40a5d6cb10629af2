import {
  type Decision,
  type Gate,
  headerLines,
  mergeHeaders,
  type Payment,
  type Paywall,
  type TermsFor,
  watchSentStatus,
} from "@l402/core";
import type { Request, RequestHandler } from "express";

declare global {
  namespace Express {
    interface Request {
      /** What was paid for this request. */
      l402?: Payment;
    }
  }
}

/** Charges for an Express route. Put it before the handler, behind the body parser if the terms read the body. */
export function l402(paywall: Paywall, terms: TermsFor<Request>): RequestHandler {
  const gate: Gate<Request> = paywall.gate(terms);
  return (req, res, next) => {
    // Something else, such as a timeout, was faster, or the client has gone.
    const hasLeft = () => res.headersSent || req.socket?.destroyed;
    const answer = (decision: Decision) => {
      if (hasLeft()) return decision.outcome === "granted" ? decision.release() : undefined;
      const { headers } = decision.outcome === "granted" ? decision : decision.reply;
      for (const [name, value] of mergeHeaders((name) => res.getHeader(name), headers)) res.setHeader(name, value);
      if (decision.outcome !== "granted") {
        return void res.status(decision.reply.status).end(decision.reply.body);
      }
      req.l402 = decision.payment;
      const sentStatus = watchSentStatus(res);
      res.once("close", () => {
        const status = sentStatus();
        // SECURITY: what changes something is paid for, also by a client that leaves (l402.test.ts).
        const failed = status ? status >= 500 : /^(GET|HEAD)$/.test(req.method);
        if (failed) decision.release();
      });
      return next();
    };
    const asked = {
      method: req.method,
      path: req.originalUrl,
      header: (name: string) => headerLines(req, name),
      clientKey: () => req.ip,
      hasLeft,
    };
    gate(asked, req).then(answer).catch(next);
  };
}
