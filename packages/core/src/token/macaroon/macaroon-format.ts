import { hexOfBytes, sha256 } from "#crypto";
import { bytesOf, equalBytes, fromBase64, toBase64Url } from "../../bytes.ts";
import { checkOption, refuseUnknownOptions } from "../../check-option.ts";
import { L402Error } from "../../errors.ts";
import type { AuthenticToken, Caveat, TokenClaims, TokenFormat } from "../../interfaces/token-format.ts";
import type { KeyRing, SigningKey } from "../key-ring.ts";
import { isServiceName } from "./macaroon-caveat-values.ts";
import { signatureChain } from "./macaroon-chain.ts";
import { macaroonFromText, macaroonToText } from "./macaroon-codec.ts";
import { type HolderCaveatRules, readHolderCaveat } from "./macaroon-holder-caveats.ts";
import { decodeMacaroonIdentifier, encodeMacaroonIdentifier, IDENTIFIER_LENGTH } from "./macaroon-identifier.ts";
import { MINTED_CAVEATS, readMintedCaveats, renderMintedCaveats } from "./macaroon-minted-caveats.ts";

export interface MacaroonFormatOptions {
  /**
   * The name in `services=`, for other programs that read the token: 1 to 64 of `A-Z a-z 0-9 . _ -`. Default "l402".
   */
  service?: string | undefined;
  /**
   * How to treat a condition that a holder added and that we do not know. Default "refuse"; "skip" follows the L402
   * specification.
   */
  unknownCaveats?: "refuse" | "skip" | undefined;
}

/**
 * Makes a token format of binary macaroons, which Aperture, lnd's tools and other L402 programs can read. No token is
 * stored: its root key is derived from the secret and from the token's identifier.
 */
export function macaroonFormat(options: MacaroonFormatOptions = {}): TokenFormat {
  const rules = checkOptions(options);
  return {
    name: "macaroon",
    mint: (claims, { current }) => mint(claims, current, rules),
    authenticate: (token, keys) => authenticate(token, keysByTag(keys), rules),
  };
}

function checkOptions(options: MacaroonFormatOptions): HolderCaveatRules {
  refuseUnknownOptions("macaroonFormat", options, ["service", "unknownCaveats"]);
  const { service = "l402", unknownCaveats = "refuse" } = options;
  checkOption(
    isServiceName(service),
    "macaroonFormat: service",
    '1 to 64 letters, digits, ".", "_" or "-", such as "weather"',
  );
  checkOption(
    unknownCaveats === "refuse" || unknownCaveats === "skip",
    "macaroonFormat: unknownCaveats",
    '"refuse" (the default) or "skip"',
  );
  return { service, unknownCaveats };
}

function mint(claims: TokenClaims, key: SigningKey, { service }: HolderCaveatRules): string {
  const { paymentHash, tokenId } = claims;
  const id = /^[\w-]{22}$/.test(tokenId) ? fromBase64(tokenId) : undefined;
  const identifier = id && encodeMacaroonIdentifier({ paymentHash, tokenId: Uint8Array.of(...id, ...tagOf(key)) });
  if (!identifier) throw new L402Error("INTERNAL", "A macaroon cannot carry this paymentHash or tokenId.");
  const caveats = renderMintedCaveats(service, claims);
  const signature = last(signatureChain(rootKeyOf(key, identifier), identifier, caveats));
  return macaroonToText({ location: LOCATION, identifier, caveats, signature });
}

/**
 * SECURITY: checks limits and shape first, then authenticity, then the claims, then the caveats of holders. No step
 * reads data that an earlier step did not accept (test: macaroon-format.test.ts, "checks in the safe order").
 */
function authenticate(
  token: string,
  keys: ReadonlyMap<string, SigningKey>,
  rules: HolderCaveatRules,
): AuthenticToken | undefined {
  const { location, identifier, caveats, signature } = macaroonFromText(token);
  const read = decodeMacaroonIdentifier(identifier);
  // No signature covers the location, so a change of its text would go unnoticed.
  if (!read || location !== LOCATION) throw new L402Error("CREDENTIAL_MALFORMED", "The token is not an L402 macaroon.");
  const { paymentHash, tokenId } = read;

  const key = keys.get(hexOfBytes(tokenId.subarray(TAG_AT)));
  if (!key) return undefined;
  const chain = signatureChain(rootKeyOf(key, identifier), identifier, caveats);
  if (!equalBytes(last(chain), signature)) return undefined;

  const minted = readMintedCaveats(rules.service, caveats);
  if (!minted) return undefined;
  const added: Caveat[] = [];
  for (let i = MINTED_CAVEATS; i < caveats.length; i++) {
    const caveat = readHolderCaveat(caveats[i] as string, chain[i + 1] as Uint8Array, rules);
    if (caveat) added.push(caveat);
  }
  return { claims: { paymentHash, ...minted, tokenId: toBase64Url(tokenId.subarray(0, TAG_AT)) }, caveats: added };
}

/** The location that Aperture writes. */
const LOCATION = "lsat";
/**
 * Where the key tag starts: a token id has 16 random bytes, then 16 bytes that tell which key of the ring signed it.
 */
const TAG_AT = 16;
const TAG_DOMAIN = "l402/macaroon/key-id/";
const ROOT_KEY_DOMAIN = "l402/macaroon/root-key/";
/** The domain, and then room for an identifier. */
const rootKeyMessage = /* @__PURE__ */ (() =>
  bytesOf(ROOT_KEY_DOMAIN.padEnd(ROOT_KEY_DOMAIN.length + IDENTIFIER_LENGTH)))();

/** The keys of a ring by their tags, computed once per ring. */
const taggedKeys = /* @__PURE__ */ new WeakMap<KeyRing, ReadonlyMap<string, SigningKey>>();

function keysByTag(keys: KeyRing): ReadonlyMap<string, SigningKey> {
  const known = taggedKeys.get(keys) ?? new Map(Array.from(keys.all(), (key) => [hexOfBytes(tagOf(key)), key]));
  taggedKeys.set(keys, known);
  return known;
}

const tagOf = (key: SigningKey) => sha256(bytesOf(TAG_DOMAIN + key.id)).slice(0, 16);

/**
 * SECURITY: the prefix keeps root keys apart from every other use of the secret. A signed JSON token starts with a
 * brace, so none of its signatures is ever a root key (test: macaroon-format.test.ts, "derives root keys in their own
 * domain").
 */
function rootKeyOf(key: SigningKey, identifier: Uint8Array): Uint8Array {
  rootKeyMessage.set(identifier, ROOT_KEY_DOMAIN.length);
  return key.sign(rootKeyMessage);
}

const last = (chain: readonly [Uint8Array, ...Uint8Array[]]): Uint8Array => chain[chain.length - 1] as Uint8Array;
