import { fetchError } from "./fetch-error.ts";

/** The address and method of a request. */
export interface Hop {
  url: URL;
  method: string;
}

export interface Redirect extends Hop {
  /** If false, the request becomes a GET, and loses the headers that describe its body. */
  keepsBody: boolean;
  /** True if it leads to another origin, which must get no secret. */
  leaves: boolean;
}

export const MAX_REDIRECTS = 20;

/** The next hop of a redirect, by the rules of `fetch`; `undefined` if the answer is no redirect. */
export function redirectOf(status: number, location: string | null | undefined, from: Hop): Redirect | undefined {
  if (!location || ![301, 302, 303, 307, 308].includes(status)) return undefined;
  // Header bytes that are not ASCII are read as UTF-8.
  const bytes = Uint8Array.from(location, (byte) => byte.charCodeAt(0));
  const address = new TextDecoder().decode(bytes);
  const url = URL.canParse(address, from.url) ? new URL(address, from.url) : undefined;
  // SECURITY: some runtimes' `fetch` reads files (client.redirect.test.ts, "to what is not HTTP").
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password) {
    throw fetchError("The server redirects to what cannot be fetched.", "BAD_REDIRECT");
  }
  const toGet = status === 303 ? !/^(GET|HEAD)$/.test(from.method) : status < 303 && from.method === "POST";
  return { url, method: toGet ? "GET" : from.method, keepsBody: !toGet, leaves: url.origin !== from.url.origin };
}

/** Removes the headers that a redirected request may not, or need not, carry. */
export function removeHeaders(headers: Headers, { keepsBody, leaves }: Redirect): void {
  for (const [name] of [...headers]) {
    if ((leaves && /^((proxy-)?authorization|cookie|host)$/.test(name)) || (!keepsBody && /^content-/.test(name))) {
      headers.delete(name);
    }
  }
}
