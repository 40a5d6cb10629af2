/** Where a request goes. */
export interface Hop {
  url: URL;
  method: string;
}

export interface Redirect extends Hop {
  /** Otherwise it becomes a GET, and what describes the body goes too. */
  keepsBody: boolean;
  /** Leads to another origin, so that nothing secret may follow. */
  leaves: boolean;
}

export const MAX_REDIRECTS = 20;

/** How a redirect is followed, as `fetch` does it; `undefined` where an answer is none. */
export function redirectOf(status: number, location: string | null | undefined, from: Hop): Redirect | undefined {
  if (!location || ![301, 302, 303, 307, 308].includes(status)) return undefined;
  // The bytes of a header are UTF-8, where they are not ASCII.
  const bytes = Uint8Array.from(location, (byte) => byte.charCodeAt(0));
  const url = new URL(new TextDecoder().decode(bytes), from.url);
  // SECURITY: some runtimes' `fetch` reads files (client.redirect.test.ts, "to what is not HTTP").
  if (!/^https?:$/.test(url.protocol)) throw new TypeError("A redirect leads to what is not HTTP.");
  const toGet = status === 303 ? !/^(GET|HEAD)$/.test(from.method) : status < 303 && from.method === "POST";
  return { url, method: toGet ? "GET" : from.method, keepsBody: !toGet, leaves: url.origin !== from.url.origin };
}

/** Takes out what a redirected request may not or need not carry. */
export function removeHeaders(headers: Headers, { keepsBody, leaves }: Redirect): void {
  for (const [name] of [...headers]) {
    if ((leaves && /^((proxy-)?authorization|cookie|host)$/.test(name)) || (!keepsBody && /^content-/.test(name))) {
      headers.delete(name);
    }
  }
}
