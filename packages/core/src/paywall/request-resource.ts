import { sha256 } from "#crypto";
import { bytesOf, toHex } from "../bytes.ts";

const MAX_LENGTH = 512;

/**
 * What a request asks for: its method and path. HEAD is a GET without the body.
 *
 * SECURITY: the target is taken as received, byte for byte; only a query is left out. Routers disagree about `//a`, `/a/`,
 * `/A`, `%2f`, `/x/../a` and `http://x/a`; a token that opens all spellings of one router would open a dearer route of
 * another. So every spelling is a resource of its own (create-paywall.scope.test.ts, "aliases of a path").
 */
export function requestResource(method: string, target: string): string {
  const asked = method === "HEAD" ? "GET" : method;
  // What does not start with a slash is not cut: routers find different ends in it.
  const query = target.startsWith("/") ? target.indexOf("?") : -1;
  const path = query < 0 ? target : target.slice(0, query);
  const isShortText = path.length <= MAX_LENGTH && /^[!-~]+$/.test(path);
  return `${asked} ${isShortText ? path : `sha256:${toHex(sha256(bytesOf(path)))}`}`;
}
