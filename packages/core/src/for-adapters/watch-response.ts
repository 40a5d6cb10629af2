import type { Reply, RequestEnd } from "../paywall/paywall.ts";
import { type HeaderValue, union } from "./merge-headers.ts";

interface NodeSocket {
  bytesWritten?: number;
  destroyed?: boolean;
  readableEnded?: boolean;
}

/** The parts of a Node response (HTTP/1 or HTTP/2) that tell how it ended. */
export interface NodeResponse {
  readonly headersSent: boolean;
  statusCode: number;
  readonly writableFinished?: boolean;
  readonly socket?: NodeSocket | null;
  readonly req?: { readonly socket?: NodeSocket | null };
  /** Only with HTTP/2. */
  readonly stream?: { destroyed?: boolean; aborted?: boolean } | null;
  getHeader(name: string): HeaderValue;
  setHeader(name: string, value: string): unknown;
  writeHead(...args: never[]): unknown;
  destroy(error?: Error): unknown;
  once(event: "finish" | "close", listener: () => void): unknown;
}

/**
 * Tells how a Node response ended, for `finish` of a decision: with the status that was sent, 101 if the app took the
 * connection over, `"unserved"` if the app destroyed the response before anything was sent, `"left"` if nothing was
 * sent for another reason, or `undefined` where the platform does not show that. May tell it twice, and the first time
 * counts: the responses of some serverless platforms only finish, and those whose client has left only close.
 *
 * Also keeps what the `Vary` of `headers` names, whatever the app does with that header.
 */
export function watchResponse(
  response: NodeResponse,
  tell: (end: RequestEnd | undefined) => void,
  headers: Reply["headers"] = [],
): void {
  const [, vary = ""] = headers.find(([name]) => name === "Vary") ?? [];
  const endNow = watchEnd(response, vary);
  const over = () => tell(endNow());
  response.once("finish", over);
  response.once("close", over);
}

/**
 * Returns a function that tells how the response has ended.
 *
 * SECURITY: reading `statusCode` at the end is not enough, because error handlers change it after the response was
 * sent. A client that makes a handler fail after its answer would get the answer for free (sent-status.test.ts).
 */
function watchEnd(response: NodeResponse, vary: string): () => RequestEnd | undefined {
  // A function of its own, because what is put on the response here keeps alive all that is in scope. If that included
  // the request, a paid request would cost a fifth more.
  let sent = 0;
  let hungUp = false;
  const { stream, writeHead, destroy } = response;
  // The response loses its socket when it ends, and has none yet if an earlier one of the connection is not over. With
  // HTTP/2, other responses share the socket.
  const socket = stream ? null : (response.socket ?? response.req?.socket);
  const before = socket?.bytesWritten;
  // Node itself sends every final head through `writeHead`, once.
  response.writeHead = (...args) => {
    const result = writeHead.apply(response, withVary(response, vary, args));
    sent ||= response.statusCode;
    return result;
  };
  const line = stream ?? socket;
  if (line) {
    // SECURITY: an app that hangs up because its client has left finds the socket at its end. That client left: the use
    // of a POST is kept (hung-up.test.ts, "because the client"). With HTTP/2, a request that was read is at its end
    // too.
    response.destroy = (error) => {
      hungUp ||= line.destroyed === false && !(stream ? stream.aborted : socket?.readableEnded);
      return destroy.call(response, error);
    };
  }
  return () => {
    const status = sent || (response.headersSent && response.statusCode);
    // Node keeps the head back until the first part of the body. A response that ended well was sent: Bun counts the
    // bytes of bodies only.
    const isSent = before === undefined ? status : response.writableFinished || socket?.bytesWritten !== before;
    // SECURITY: what an app writes on the connection itself, such as a WebSocket, was served, also if the app hangs up
    // then (taken-over.test.ts).
    if (isSent) return status || 101;
    if (hungUp) return "unserved";
    return before === undefined && !stream ? undefined : "left";
  };
}

/**
 * Puts `Vary` into a head that is about to be sent, and returns the arguments of its `writeHead`.
 *
 * SECURITY: a proxy behind the paywall replaces `Vary` by that of the server behind it. If that server allows caches to
 * keep the answer, they would give it to who has not paid (vary.test.ts of the adapters, "whatever").
 */
function withVary(response: NodeResponse, vary: string, args: never[]): never[] {
  // Headers among the arguments replace those of the response. They are an object, or a list: name, value, name, value.
  const at = args.findIndex((each) => typeof each === "object" && each);
  const given: Record<string, HeaderValue> = args[at] ?? {};
  if (!vary || given.vary === vary) return args;
  const isList = Array.isArray(given);
  const isVary = (name: HeaderValue) => String(name).toLowerCase() === "vary";
  const own = Object.keys(given).filter((key) => isVary(isList ? +key % 2 && given[+key - 1] : key));
  if (own.length > 0) {
    const united = own.map((key) => [key, union(given[key], vary)]);
    const headers = Object.assign(isList ? [] : {}, given, Object.fromEntries(united)) as never;
    return args.map((each, i) => (i === at ? headers : each));
  }
  const present = response.getHeader("vary");
  if (present !== vary) response.setHeader("Vary", union(present, vary));
  return args;
}
