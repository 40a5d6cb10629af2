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
  const url = new URL(location, from.url);
  const toGet = status === 303 ? from.method !== "HEAD" : status < 303 && from.method === "POST";
  return { url, method: toGet ? "GET" : from.method, keepsBody: !toGet, leaves: url.origin !== from.url.origin };
}

/** Takes out what a redirected request may not or need not carry. */
export function removeHeaders(headers: Headers, { keepsBody, leaves }: Redirect): void {
  const names = leaves ? ["authorization", "cookie"] : [];
  if (!keepsBody) names.push("content-type", "content-encoding");
  for (const name of names) headers.delete(name);
}
