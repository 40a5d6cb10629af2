/** The part of a Node request that its headers are in. Serverless platforms and HTTP/2 may leave `rawHeaders` out. */
export interface NodeHeaders {
  rawHeaders?: readonly string[];
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
}

/**
 * All lines of a Node request's header, by its lower-case name. `headers` alone would hide the second of two, and Node would
 * make an object of all headers, to read one.
 */
export function headerLines(request: NodeHeaders, name: string): string | readonly string[] | undefined {
  const { rawHeaders = [] } = request;
  const lines: string[] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const present = rawHeaders[i] as string;
    if (present.length === name.length && present.toLowerCase() === name) lines.push(rawHeaders[i + 1] as string);
  }
  // What a platform or a middleware set is only there.
  return lines.length > 0 ? lines : request.headers[name];
}
