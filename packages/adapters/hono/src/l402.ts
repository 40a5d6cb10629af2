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
    const { method, path } = c.req;
    const hasLeft = watchClient(c);
    const asked = {
      method,
      path,
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
    // Nobody is there any more, so nothing runs, and nobody reads this.
    if (hasLeft()) return decision.release().then(() => c.body(null, 408));
    c.set("l402", decision.payment);
    let failed = true;
    try {
      await next();
      failed = !c.finalized || c.res.status >= 500;
    } finally {
      // SECURITY: what changes something is paid for, also by a client that leaves (l402.test.ts).
      const sent = sentByHandler(c);
      if (sent ? sent >= 500 : hasLeft() ? /^(GET|HEAD)$/.test(method) : failed) await decision.release();
    }
    // A WebSocket has no response that could be changed.
    if (c.finalized && c.res.status !== 101) setHeaders(c, decision.headers);
  };
}

/**
 * The status of what the handler has sent on the connection itself, where a response says nothing: with Node's response,
 * which is over then, or a WebSocket, of which Deno's signal says that the client left, and Bun's handlers answer nothing.
 *
 * SECURITY: what was served is not given back (platforms.test.ts, "keeps the use").
 */
function sentByHandler(c: Context): number | undefined {
  const outgoing = c.env?.outgoing as { headersSent?: boolean; statusCode?: number } | undefined;
  if (outgoing?.headersSent) return outgoing.statusCode;
  const isWebSocket = c.finalized ? c.res.status === 101 : /^websocket$/i.test(c.req.header("upgrade") ?? "");
  return isWebSocket ? 101 : undefined;
}

/** Tells whether the client has gone. On Node by its socket: the signal would cost a whole `Request`. */
function watchClient({ env, req }: Context): () => boolean {
  const socket = env?.incoming?.socket as { destroyed?: boolean } | undefined;
  if (typeof socket?.destroyed === "boolean") return () => socket.destroyed === true;
  // Asked for at once, because Deno only watches for the client's leaving from then on.
  const { signal } = req.raw;
  return () => signal?.aborted;
}

function setHeaders(c: Context, headers: Reply["headers"]): void {
  // To look at `c.res` before there is a response would make one, and Hono would copy the later one into it, with its body.
  const present = (c.finalized ? c.res : c.body(null)).headers;
  const merged = mergeHeaders((name) => present.get(name), headers);
  if (c.finalized) {
    try {
      // To set them through the context would copy the response, with its body.
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
      // A response that came from fetch has headers that cannot be changed.
    }
  }
  for (const [name, value] of merged) {
    const [first, ...others] = typeof value === "string" ? [value] : value;
    c.header(name, first);
    for (const line of others) c.header(name, line, { append: true });
  }
}
