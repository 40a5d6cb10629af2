import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { isL402Error, isPublicAddress } from "@l402/core";
import { type Hop, MAX_REDIRECTS, redirectOf, removeHeaders } from "../request/redirects.ts";
import { lookupPublic, notPublic } from "./lookup-public.ts";
import { responseOf } from "./response-of.ts";

const IDLE_MS = 300_000;
/**
 * Headers of the connection. The caller's are not sent: they could name another host, or make two servers disagree on
 * where a request ends.
 */
const NOT_SENT = ["connection", "content-length", "expect", "host", "keep-alive", "te", "trailer", "transfer-encoding"];

/**
 * SECURITY: separate agents, because the connections of other agents were not checked (public-internet-fetch.test.ts,
 * "connection").
 */
const agents = { "http:": new HttpAgent({ keepAlive: true }), "https:": new HttpsAgent({ keepAlive: true }) };

/**
 * A `fetch` that reaches only the public internet, for agents whose addresses come from others. Give it to the client
 * as the option `fetch`. For Node, Bun and Deno.
 *
 * SECURITY: the address is checked when the connection is made, and again for every redirect. So neither a redirect nor
 * a host name that changes its address can lead into a private network (public-internet-fetch.test.ts).
 */
export const publicInternetFetch: typeof fetch = async (input, init) => {
  const request = new Request(input, init);
  const { signal, redirect } = request;
  let body = request.body ? Buffer.from(await request.arrayBuffer()) : undefined;
  let at: Hop = { url: new URL(request.url), method: request.method };
  const headers = headersOf(request);
  for (let hops = 0; ; hops++) {
    const answer = await exchange(at, headers, body, signal);
    try {
      const next = redirectOf(answer.statusCode ?? 502, answer.headers.location, at);
      if (!next || redirect === "manual") return responseOf(answer, at, hops > 0);
      answer.destroy();
      if (redirect === "error") throw new TypeError("The server redirects, and this request does not allow redirects.");
      if (hops === MAX_REDIRECTS) throw new TypeError("The server redirects too often.");
      removeHeaders(headers, next);
      if (!next.keepsBody) body = undefined;
      at = next;
    } catch (error) {
      answer.destroy();
      throw error;
    }
  }
};

function headersOf({ headers: given }: Request): Headers {
  const headers = new Headers({ accept: "*/*", "accept-language": "*", "user-agent": "node" });
  for (const [name, value] of given) if (!NOT_SENT.includes(name)) headers.set(name, value);
  headers.set("accept-encoding", "br, gzip, deflate");
  headers.delete("upgrade");
  return headers;
}

function exchange({ url, method }: Hop, headers: Headers, body: Buffer | undefined, signal: AbortSignal) {
  const isHttps = url.protocol === "https:";
  if (url.username || url.password || (!isHttps && url.protocol !== "http:")) {
    throw new TypeError("publicInternetFetch takes only http: and https: addresses without a user name or password.");
  }
  // Node looks up only names, so an IP address in the URL is checked here.
  const host = url.hostname.replace(/^\[|\]$/g, "");
  if (isIP(host) && !isPublicAddress(host)) throw notPublic(host);
  const options = {
    method,
    headers: { ...Object.fromEntries(headers), ...(body && { "content-length": body.length }) },
    signal,
    agent: agents[isHttps ? "https:" : "http:"],
    lookup: lookupPublic,
    timeout: IDLE_MS,
  };
  return new Promise<IncomingMessage>((resolve, reject) => {
    const fail = (cause: unknown) => {
      if (signal.aborted) reject(signal.reason);
      else reject(isL402Error(cause) ? cause : new TypeError("fetch failed", { cause }));
    };
    const outgoing = (isHttps ? httpsRequest : httpRequest)(url, options, resolve);
    outgoing.on("error", fail);
    outgoing.on("timeout", () => outgoing.destroy(new Error("The server sent nothing for too long.")));
    outgoing.on("upgrade", (_, socket) => socket.destroy());
    outgoing.on("close", () => fail(new Error("The server closed the connection.")));
    outgoing.end(body);
  });
}
