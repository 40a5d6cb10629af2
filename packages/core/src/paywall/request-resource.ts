import { sha256 } from "#crypto";
import { bytesOf, toHex } from "../bytes.ts";

const MAX_LENGTH = 512;

/**
 * What a request asks for: its method and path. HEAD is a GET without the body.
 *
 * SECURITY: the path is taken as received, byte for byte. Routers disagree about `//a`, `/a/`, `/A`, `%2f` and `/x/../a`;
 * a token that opens all spellings of one router would open a dearer route of another. So every spelling is a resource
 * of its own (create-paywall.scope.test.ts, "aliases of a path").
 */
export function requestResource(method: string, path: string): string {
  const asked = method === "HEAD" ? "GET" : method;
  const resource = `${asked} ${pathOf(path)}`;
  return resource.length > MAX_LENGTH ? `${asked} sha256:${toHex(sha256(bytesOf(resource)))}` : resource;
}

function pathOf(target: string): string {
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(target);
  const path = target.slice(absolute ? absolute[0].length : 0).replace(/[?#].*$/s, "");
  return path === "" ? "/" : path.replace(/[^!-~]/gu, percentEncode);
}

const percentEncode = (character: string) => toHex(bytesOf(character)).toUpperCase().replace(/../g, "%$&");
