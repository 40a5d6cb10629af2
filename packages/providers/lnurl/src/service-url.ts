import { isPrivateHost } from "@l402/backend";
import { isPublicAddress } from "@l402/core";

const NAME = /^[a-z0-9_.+-]{1,64}$/;

/** The URL for the first request to the service of a Lightning Address; `undefined` if the address is invalid. */
export function addressUrl(address: unknown, allowPrivateHosts: boolean): URL | undefined {
  if (typeof address !== "string" || address.length > 320) return undefined;
  const [name = "", host = "", ...more] = address.toLowerCase().split("@");
  // A name made only of dots would lead to another path.
  if (more.length > 0 || !NAME.test(name) || /^\.+$/.test(name)) return undefined;
  const isPlain = isOnion(host) || (allowPrivateHosts && isLoopback(host));
  const text = `${isPlain ? "http" : "https"}://${host}/.well-known/lnurlp/${name}`;
  const url = serviceUrl(text, allowPrivateHosts);
  return url?.href === text && url.host === host ? url : undefined;
}

/**
 * Parses a URL that may be requested; returns `undefined` for any other.
 *
 * SECURITY: addresses come from users, and later URLs come from the services that they name. Without this check, a user
 * could make a server send requests into its own network (service-url.test.ts, "leads into the network of the server").
 */
export function serviceUrl(text: string, allowPrivateHosts: boolean): URL | undefined {
  if (text.length > 2048 || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const { protocol, hostname } = url;
  if (url.username || url.password) return undefined;
  url.hash = "";
  if (protocol === "http:" && isOnion(hostname)) return url;
  if (allowPrivateHosts && isPrivateHost(hostname) && /^https?:$/.test(protocol)) return url;
  return protocol === "https:" && isPublicHost(hostname) ? url : undefined;
}

const isOnion = (host: string): boolean => /^[a-z2-7]{56}\.onion(:\d{1,5})?$/.test(host);
const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/.test(host);

/** Checks only the name. The address behind it is checked when the request is sent. */
function isPublicHost(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, "");
  if (address.includes(":") || /^[0-9.]+$/.test(address)) return isPublicAddress(address);
  return !isPrivateHost(hostname);
}
