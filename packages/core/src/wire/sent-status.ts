/** The part of a Node response, of HTTP/1 or HTTP/2, that its status goes through. */
export interface NodeResponse {
  readonly headersSent: boolean;
  statusCode: number;
  writeHead(...args: never[]): unknown;
}

/**
 * Answers the status that a Node response was sent with, and 0 before. `statusCode` can be changed afterwards, and error
 * handlers do that.
 *
 * SECURITY: otherwise, who makes a handler fail behind its answer would have the answer for nothing (sent-status.test.ts).
 */
export function watchSentStatus(response: NodeResponse): () => number {
  let sent = 0;
  const { writeHead } = response;
  // Node itself sends every head by it; the one that counts comes behind those of 1xx.
  response.writeHead = (...args) => {
    const result = writeHead.apply(response, args);
    if (sent < 200) sent = response.statusCode;
    return result;
  };
  return () => sent || (response.headersSent ? response.statusCode : 0);
}
