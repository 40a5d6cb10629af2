import { isPrivateHost } from "@l402/backend";
import { checkOption } from "@l402/core";

/** The parts of a connection string of Nostr Wallet Connect. */
export interface NwcUrl {
  walletPubkey: string;
  relayUrls: string[];
  secret: string;
}

const IS_KEY = /^[0-9a-f]{64}$/;
/** The order of secp256k1. A valid secret is lower. */
const CURVE_ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

/**
 * Reads a connection string. Throws CONFIG_INVALID.
 *
 * SECURITY: the whole text is a secret, so no message quotes it (nwc-url.test.ts, "never quotes the secret").
 */
export function readNwcUrl(owner: string, text: unknown): NwcUrl {
  const option = `${owner}: url`;
  const [, rest = ""] = /^nostr\+?walletconnect:(?:\/\/)?(.+)$/.exec(typeof text === "string" ? text.trim() : "") ?? [];
  // Parse it as http:, because runtimes parse other schemes differently.
  checkOption(
    URL.canParse(`http://${rest}`),
    option,
    "the connection secret that the wallet shows for an app connection, beginning with nostr+walletconnect://",
  );
  const { hostname: walletPubkey, searchParams } = new URL(`http://${rest}`);
  const relayUrls = searchParams.getAll("relay");
  const secret = (searchParams.get("secret") ?? "").toLowerCase();
  checkOption(
    IS_KEY.test(walletPubkey),
    option,
    "the whole connection secret: the wallet's public key in it must have 64 hexadecimal characters",
  );
  checkOption(
    relayUrls.length > 0 && relayUrls.every(isRelay),
    option,
    "the whole connection secret: it must contain a relay, such as relay=wss://…",
  );
  // An invalid secret would make the SDK fail with an unhandled rejection.
  checkOption(
    IS_KEY.test(secret) && secret < CURVE_ORDER && !/^0+$/.test(secret),
    option,
    "the whole connection secret: its part secret=… must have 64 hexadecimal characters",
  );
  return { walletPubkey, relayUrls, secret };
}

function isRelay(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === "wss:" || (protocol === "ws:" && isPrivateHost(hostname));
}
