/** The headers of a Node request. Serverless platforms and HTTP/2 may leave `rawHeaders` out. */
export interface NodeHeaders {
  rawHeaders?: readonly string[];
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/**
 * Returns all lines of one header of a Node request, by its lower-case name. Reading `headers` alone would hide the
 * second of two lines, and would make Node build an object of all headers to read one.
 */
export function headerLines(request: NodeHeaders, name: string): string | readonly string[] | undefined {
  const { rawHeaders = [] } = request;
  const lines: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const present = rawHeaders[i] as string;
    if (present.length === name.length && present.toLowerCase() === name) lines.push(rawHeaders[i + 1] as string);
  }
  // A header that a platform or a middleware added is only in `headers`.
  return lines.length > 0 ? lines : request.headers[name];
}
