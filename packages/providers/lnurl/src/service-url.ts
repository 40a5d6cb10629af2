import { isPrivateHost } from "@l402/backend";
import { isPublicAddress } from "./public-address.ts";

const NAME = /^[a-z0-9_.+-]{1,64}$/;

/** Where the service of a Lightning Address is asked first; `undefined` for what is no address. */
export function addressUrl(address: unknown, allowPrivateHosts: boolean): URL | undefined {
  if (typeof address !== "string" || address.length > 320) return undefined;
  const [name = "", host = "", ...more] = address.toLowerCase().split("@");
  // A name of dots would lead to another path.
  if (more.length > 0 || !NAME.test(name) || /^\.+$/.test(name)) return undefined;
  const isPlain = isOnion(host) || (allowPrivateHosts && isLoopback(host));
  const text = `${isPlain ? "http" : "https"}://${host}/.well-known/lnurlp/${name}`;
  const url = serviceUrl(text, allowPrivateHosts);
  return url?.href === text && url.host === host ? url : undefined;
}

/**
 * An address that may be asked; `undefined` for any other.
 *
 * SECURITY: addresses come from users, and what is asked next from whom they name: without this, anyone could make a server
 * ask its own network (service-url.test.ts, "leads into the network of the server").
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

/** By its name alone; where it leads to is found out when it is asked. */
function isPublicHost(hostname: string): boolean {
  const address = hostname.replace(/^\[|\]$/g, "");
  if (address.includes(":") || /^[0-9.]+$/.test(address)) return isPublicAddress(address);
  return !isPrivateHost(hostname);
}
