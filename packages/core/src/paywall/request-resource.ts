import { sha256 } from "#crypto";
import { bytesOf, toHex } from "../bytes.ts";

/**
 * Returns the default resource of a request: its method and path. HEAD is a GET without the body.
 *
 * SECURITY: the target is used as received, byte for byte; only the query is left out. Routers disagree about `//a`,
 * `/a/`, `/A`, `%2f`, `/x/../a` and `http://x/a`. If a token opened all spellings that one router treats as the same,
 * it would open a more expensive route of another router. So every spelling is a resource of its own
 * (create-paywall.scope.test.ts, "aliases of a path").
 */
export function requestResource(method: string, target: string): string {
  const asked = method === "HEAD" ? "GET" : method;
  // A target that does not start with a slash is not cut, because routers disagree about where its path ends.
  const query = target.startsWith("/") ? target.indexOf("?") : -1;
  const path = query < 0 ? target : target.slice(0, query);
  const resource = `${asked} ${path}`;
  // The longest resource that terms, caveats and macaroons can name.
  const isShortText = resource.length <= 512 && /^[!-~]+$/.test(path);
  return isShortText ? resource : `${asked} sha256:${toHex(sha256(bytesOf(path)))}`;
}
