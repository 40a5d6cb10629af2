import { L402Error } from "@l402/core";

/**
 * Checks a backend's address and returns it without a slash at its end. Throws CONFIG_INVALID, which begins with `owner`.
 *
 * SECURITY: with plain HTTP, an attacker on the network path can read the key. So plain HTTP is allowed only for hosts
 * that are not on the internet (backend-url.test.ts, "refuses http").
 */
export function checkBackendUrl(owner: string, url: unknown): string {
  const invalid = (fix: string) => new L402Error("CONFIG_INVALID", `${owner}: url must ${fix}.`);
  if (typeof url !== "string" || !URL.canParse(url)) throw invalid("be a URL, such as https://host:8080");
  const { protocol, hostname, origin, pathname, username, password } = new URL(url);
  if (username || password) throw invalid("not contain a user name or a password; use the option for the key instead");
  if (/[?#]/.test(url)) throw invalid("not contain a query (?) or a fragment (#)");
  if (protocol !== "http:" && protocol !== "https:") throw invalid("begin with https://");
  if (protocol === "http:" && !isPrivateHost(hostname)) {
    throw invalid("begin with https://, because its host is not on a private network");
  }
  return `${origin}${pathname}`.replace(/\/+$/, "");
}

/** True for loopback, private ranges, and names that public DNS does not know. Takes the `hostname` of a `URL`. */
export function isPrivateHost(hostname: string): boolean {
  const host = hostname.toLowerCase().replace(/^\[|\]$|\.$/g, "");
  if (/^[0-9.]+$/.test(host)) return PRIVATE_IPV4.test(host);
  if (host.includes(":")) return PRIVATE_IPV6.test(host) || PRIVATE_IPV4.test(mappedIpv4(host));
  return !host.includes(".") || /\.(localhost|local|internal|lan|home\.arpa|onion)$/.test(host);
}

const PRIVATE_IPV4 =
  /^(0|127|10)\.|^192\.168\.|^172\.(1[6-9]|2\d|3[01])\.|^169\.254\.|^100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./;
const PRIVATE_IPV6 = /^(::1?$|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/;

/** The IPv4 address inside a mapped IPv6 address: `::ffff:7f00:1` is 127.0.0.1. */
function mappedIpv4(host: string): string {
  const words = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host)?.slice(1) ?? [];
  return words.flatMap((word) => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 255]).join(".");
}
