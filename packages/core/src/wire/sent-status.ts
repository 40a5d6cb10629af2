/** The parts of a Node response (HTTP/1 or HTTP/2) that set its status. */
export interface NodeResponse {
  readonly headersSent: boolean;
  statusCode: number;
  readonly writableFinished?: boolean;
  readonly socket?: { bytesWritten?: number } | null;
  writeHead(...args: never[]): unknown;
}

/**
 * Returns a function that tells the status with which a Node response was sent, or 0 before anything of it was sent:
 * Node keeps the head back until the first part of the body. Reading `statusCode` later is not enough, because error
 * handlers change it after the response was sent.
 *
 * SECURITY: otherwise, a client that makes a handler fail after its answer would get the answer for free
 * (sent-status.test.ts).
 */
export function watchSentStatus(response: NodeResponse): () => number {
  let sent = 0;
  // The response loses its socket when it ends. With HTTP/2, other responses share the socket.
  const socket = "stream" in response ? null : response.socket;
  const before = socket?.bytesWritten;
  const { writeHead } = response;
  // Node itself sends every head through `writeHead`. The final head comes after the heads of 1xx responses.
  response.writeHead = (...args) => {
    const result = writeHead.apply(response, args);
    if (sent < 200) sent = response.statusCode;
    return result;
  };
  return () => {
    // A response that ended well was sent. Bun counts the bytes of bodies only.
    if (!response.writableFinished && before !== undefined && socket?.bytesWritten === before) return 0;
    return sent || (response.headersSent ? response.statusCode : 0);
  };
}
