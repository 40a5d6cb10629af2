import {
  checkOption,
  isWebSocket,
  mergeHeaders,
  type Payment,
  type Paywall,
  type Reply,
  type RequestEnd,
  type TermsFor,
} from "@l402/core";
import type { Context, MiddlewareHandler } from "hono";
import { clientAddress } from "./client-address.ts";

/** Gives `c.get("l402")` its type: the payment for the request. */
export interface L402Env {
  Variables: { l402: Payment };
}

/**
 * Charges for a Hono route. Give the parameter of a terms function the type of the app's context, such as
 * `Context<{ Bindings: Bindings }>`.
 */
export function l402(paywall: Paywall, terms: TermsFor<Context>): MiddlewareHandler<L402Env> {
  checkOption(typeof paywall?.gate === "function", "l402: paywall", "what createPaywall returns");
  const gate = paywall.gate(terms);
  return async (c, next) => {
    const { method } = c.req;
    const client = watchClient(c);
    const { hasLeft } = client;
    const asked = {
      method,
      path: spelledPath(c.req),
      header: (name: string) => c.req.header(name),
      clientKey: () => clientAddress(c),
      hasLeft,
    };
    const decision = await gate(asked, c);
    if (decision.outcome !== "granted") {
      const { status, headers, body } = decision.reply;
      setHeaders(c, headers);
      return body ? c.body(body, status as 402) : c.body(null, status as 204);
    }
    // The client has gone: the handler does not run, and the status 408 reaches no client.
    if (hasLeft()) return decision.finish("unserved").then(() => c.body(null, 408));
    c.set("l402", decision.payment);
    const before = writtenTo(c);
    // A handler may work on when its client has left, and the client may ask again meanwhile.
    client.onLeave(() => sentByHandler(c) || writtenTo(c) !== before || decision.finish("left"));
    let end: RequestEnd = "unserved";
    try {
      await next();
      if (c.finalized) end = c.res.status;
    } finally {
      // SECURITY: what the handler wrote on Node's connection, such as a WebSocket, was served (platforms.test.ts,
      // "keeps the use").
      if (hasLeft()) end = writtenTo(c) === before ? "left" : 101;
      await decision.finish(sentByHandler(c) || end);
    }
    // The response of a WebSocket cannot be changed.
    if (c.finalized && c.res.status !== 101) setHeaders(c, decision.headers);
  };
}

/**
 * The path as the request spells it, which Hono decodes: a browser sends the cookies of a page back to no other spelling.
 * Where the app has a `getPath` of its own, what that returns counts.
 */
function spelledPath({ path, url }: Context["req"]): string {
  if (!url.includes("%")) return path;
  const [, spelled = ""] = /^[^:]+:\/\/[^/]+(\/[^?#]*)/.exec(url) ?? [];
  try {
    return decodeURI(spelled.replaceAll("%25", "%2525")) === path ? spelled : path;
  } catch {
    return path;
  }
}

/**
 * The status that the handler has sent on the connection itself: it wrote to Node's own response, which Hono's response
 * does not show, or it opened a WebSocket.
 *
 * SECURITY: a use that was served is not given back (platforms.test.ts, "keeps the use").
 */
function sentByHandler(c: Context): number | undefined {
  const outgoing = c.env?.outgoing as { headersSent?: boolean; statusCode?: number } | undefined;
  if (outgoing?.headersSent) return outgoing.statusCode;
  return isWebSocket(c.finalized ? c.res : undefined, (name) => c.req.header(name)) ? 101 : undefined;
}

/** How much was written on Node's connection. With HTTP/2, other responses share it. */
const writtenTo = ({ env }: Context): number | undefined =>
  env?.outgoing?.stream ? undefined : env?.incoming?.socket?.bytesWritten;

/** Tells whether the client has gone, and when it goes. On Node by the connection: the signal would cost a `Request`. */
function watchClient({ env, req }: Context): { hasLeft(): boolean; onLeave(tell: () => unknown): void } {
  const socket = env?.incoming?.socket as { destroyed?: boolean } | undefined;
  if (typeof socket?.destroyed === "boolean")
    return { hasLeft: () => socket.destroyed === true, onLeave: (tell) => env.outgoing?.once("close", tell) };
  // Read the signal now, because Deno watches for the client's leaving only from this moment on.
  const { signal } = req.raw;
  return { hasLeft: () => signal?.aborted, onLeave: (tell) => signal?.addEventListener("abort", tell) };
}

function setHeaders(c: Context, headers: Reply["headers"]): void {
  // Reading `c.res` too early would create a response, and Hono would copy the later one into it, with its body.
  const present = (c.finalized ? c.res : c.body(null)).headers;
  const merged = mergeHeaders((name) => present.get(name), headers);
  if (c.finalized) {
    try {
      // Setting the headers through the context would copy the response, including its body.
      for (const [name, value] of merged) {
        if (typeof value === "string") {
          present.set(name, value);
        } else {
          present.delete(name);
          for (const line of value) present.append(name, line);
        }
      }
      return;
    } catch {
      // The headers of a response that came from fetch cannot be changed.
    }
  }
  for (const [name, value] of merged) {
    const [first, ...others] = typeof value === "string" ? [value] : value;
    c.header(name, first);
    for (const line of others) c.header(name, line, { append: true });
  }
}
