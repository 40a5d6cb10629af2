import type { RequestEnd } from "../paywall/paywall.ts";

/** The parts of a Node response (HTTP/1 or HTTP/2) that tell how it ended. */
export interface NodeResponse {
  readonly headersSent: boolean;
  statusCode: number;
  readonly writableFinished?: boolean;
  readonly socket?: { bytesWritten?: number; destroyed?: boolean; readableEnded?: boolean } | null;
  writeHead(...args: never[]): unknown;
  destroy(error?: Error): unknown;
  once(event: "finish" | "close", listener: () => void): unknown;
}

/**
 * Tells how a Node response ended, for `finish` of a decision: with the status that was sent, `"unserved"` if the app
 * destroyed the response before anything of it was sent, or `undefined` if nothing was sent for another reason: usually,
 * the client has left. May tell it twice, and the first time counts: the responses of some serverless platforms only
 * finish, and those whose client has left only close.
 */
export function watchResponse(response: NodeResponse, tell: (end: RequestEnd | undefined) => void): void {
  const endNow = watchEnd(response);
  const over = () => tell(endNow());
  response.once("finish", over);
  response.once("close", over);
}

/**
 * Returns a function that tells how the response has ended.
 *
 * SECURITY: reading `statusCode` at the end is not enough, because error handlers change it after the response was sent.
 * A client that makes a handler fail after its answer would get the answer for free (sent-status.test.ts).
 */
function watchEnd(response: NodeResponse): () => RequestEnd | undefined {
  // A function of its own, because what is put on the response here keeps alive all that is in scope. If that included
  // the request, a paid request would cost a fifth more.
  let sent = 0;
  let hungUp = false;
  // The response loses its socket when it ends. With HTTP/2, other responses share the socket.
  const socket = "stream" in response ? null : response.socket;
  const before = socket?.bytesWritten;
  const { writeHead, destroy } = response;
  // Node itself sends every final head through `writeHead`, once.
  response.writeHead = (...args) => {
    const result = writeHead.apply(response, args);
    sent ||= response.statusCode;
    return result;
  };
  if (socket) {
    // SECURITY: an app that hangs up because its client has left finds the socket at its end. That client left: the use
    // of a POST is kept (hung-up.test.ts, "because the client").
    response.destroy = (error) => {
      hungUp ||= !socket.destroyed && !socket.readableEnded;
      return destroy.call(response, error);
    };
  }
  return () => {
    // Node keeps the head back until the first part of the body. A response that ended well was sent: Bun counts the
    // bytes of bodies only.
    if (!response.writableFinished && before !== undefined && socket?.bytesWritten === before) {
      return hungUp ? "unserved" : undefined;
    }
    return sent || (response.headersSent ? response.statusCode : undefined);
  };
}
