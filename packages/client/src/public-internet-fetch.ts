import { type LookupAddress, lookup } from "node:dns";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { Readable } from "node:stream";
import { clientError } from "@l402/core";
import { isPublicAddress } from "./public-addresses.ts";

const MAX_REDIRECTS = 10;

/**
 * `fetch` that reaches nothing but the public internet: for agents that are told where to go. Give it to the client as
 * the option `fetch`. For Node.
 *
 * SECURITY: the address is checked where the connection is made, for every redirect again, so that neither a redirect
 * nor a name that changes its address leads inside (public-internet-fetch.test.ts).
 */
export const publicInternetFetch: typeof fetch = async (input, init) => {
  let request = new Request(input, init);
  const body = request.body ? Buffer.from(await request.arrayBuffer()) : undefined;
  let sent = body;
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    const answer = await exchange(request, sent);
    const { statusCode: status = 502, headers } = answer;
    const location = [301, 302, 303, 307, 308].includes(status) ? headers.location : undefined;
    if (location === undefined || request.redirect === "manual") return respond(answer, request.url, hops > 0);
    answer.destroy();
    if (request.redirect === "error") throw new TypeError("The server redirects, which this request does not allow.");
    const toGet = status === 303 || (status <= 302 && request.method === "POST");
    if (toGet) sent = undefined;
    request = redirected(request, new URL(location, request.url), toGet);
  }
  throw new TypeError("There are too many redirects.");
};

function redirected(request: Request, target: URL, toGet: boolean): Request {
  const headers = new Headers(request.headers);
  // A credential stays with the origin that sold it.
  if (target.origin !== new URL(request.url).origin)
    for (const name of ["authorization", "cookie"]) headers.delete(name);
  if (toGet) for (const name of ["content-type", "content-length"]) headers.delete(name);
  const { signal, redirect } = request;
  return new Request(target, {
    method: toGet && request.method !== "HEAD" ? "GET" : request.method,
    headers,
    signal,
    redirect,
  });
}

function exchange(request: Request, body: Buffer | undefined): Promise<IncomingMessage> {
  const url = new URL(request.url);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new TypeError(`There is no fetching from ${url.protocol}`);
  if (isIP(host) && !isPublicAddress(host)) throw notPublic(host);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const headers: Record<string, string> = Object.fromEntries(request.headers);
  if (body) headers["content-length"] = String(body.length);
  return new Promise((resolve, reject) => {
    const options = { method: request.method, headers, signal: request.signal, lookup: lookupPublic };
    const outgoing = send(url, options, resolve);
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, "", 0);
    const isPublic = addresses.length > 0 && addresses.every(({ address }) => isPublicAddress(address));
    if (!isPublic) return callback(notPublic(hostname), "", 0);
    const [first] = addresses as [LookupAddress];
    return options.all
      ? (callback as unknown as (error: null, addresses: LookupAddress[]) => void)(null, addresses)
      : callback(null, first.address, first.family);
  });
};

function respond(answer: IncomingMessage, url: string, redirected: boolean): Response {
  const { statusCode: status = 502, statusMessage = "", rawHeaders } = answer;
  const headers = new Headers();
  for (let i = 0; i < rawHeaders.length; i += 2) headers.append(rawHeaders[i] as string, rawHeaders[i + 1] as string);
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  if (!hasBody) answer.resume();
  const body = hasBody ? (Readable.toWeb(answer) as ReadableStream<Uint8Array>) : null;
  const response = new Response(body, { status, statusText: statusMessage, headers });
  Object.defineProperties(response, { url: { value: url }, redirected: { value: redirected } });
  return response;
}

const notPublic = (host: string) =>
  clientError("INSECURE_ORIGIN", `${host} is not on the public internet.`, {
    hint: "publicInternetFetch refuses private networks. Use another fetch for this host if you trust it.",
  });
