import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { headerLines, mergeHeaders, type Paywall, type Reply, type TermsFor } from "@l402/core";

/** The smallest adapter there can be, for node:http and node:http2: what `describeAdapter` is proven with. */
export function l402(
  paywall: Paywall,
  terms: TermsFor<IncomingMessage>,
  handler: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): (...exchange: Parameters<RequestListener>) => Promise<void> {
  const gate = paywall.gate(terms);
  return async (request, response) => {
    const add = (headers: Reply["headers"]) => {
      for (const line of mergeHeaders((name) => response.getHeader(name), headers)) response.setHeader(...line);
    };
    const { method = "GET", url: path = "/", socket } = request;
    const header = (name: string) => headerLines(request, name);
    const hasLeft = () => socket.destroyed;
    const decision = await gate({ method, path, header, clientKey: () => socket.remoteAddress, hasLeft }, request);
    if (hasLeft()) return decision.outcome === "granted" ? void decision.finish("unserved") : undefined;
    add(decision.outcome === "granted" ? decision.headers : decision.reply.headers);
    if (decision.outcome !== "granted") return void response.writeHead(decision.reply.status).end(decision.reply.body);

    response.once("close", () => decision.finish(response.headersSent ? response.statusCode : "left"));
    await handler(request, response).catch(() => response.headersSent || response.writeHead(500));
    return void response.end();
  };
}
