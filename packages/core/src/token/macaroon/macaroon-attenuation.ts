import { randomBytes, toBase64Url } from "../../bytes.ts";
import { L402Error } from "../../errors.ts";
import { MAX_USE_CAVEATS, type Narrowing } from "../narrowing.ts";
import { isUses, readResource, unixSecondsOf } from "./macaroon-caveat-values.ts";
import { extendSignature } from "./macaroon-chain.ts";
import { isPrintable, MAX_MACAROON_CAVEATS, macaroonFromText, macaroonToText } from "./macaroon-codec.ts";
import { serviceOf } from "./macaroon-minted-caveats.ts";

/**
 * Adds caveats to a macaroon of any seller, offline. Throws CREDENTIAL_MALFORMED for a token that is not a macaroon,
 * and CONFIG_INVALID for caveats that cannot be added.
 */
export function attenuateMacaroon(token: string, caveats: readonly string[]): string {
  const macaroon = macaroonFromText(token);
  let { signature } = macaroon;
  for (const caveat of caveats) {
    if (!isPrintable(caveat))
      throw new L402Error("CONFIG_INVALID", "attenuateMacaroon: a caveat must be printable ASCII and not empty.");
    signature = extendSignature(signature, caveat);
  }
  const narrowed = macaroonToText({ ...macaroon, caveats: [...macaroon.caveats, ...caveats], signature });
  try {
    macaroonFromText(narrowed);
  } catch {
    const limit = `${MAX_MACAROON_CAVEATS} caveats in 4096 bytes`;
    throw new L402Error("CONFIG_INVALID", `A macaroon has at most ${limit}. Add fewer or shorter caveats.`);
  }
  return narrowed;
}

/**
 * Returns the caveats that narrow this token, for `attenuateMacaroon`. Throws CREDENTIAL_MALFORMED for a macaroon that
 * `macaroonFormat()` did not mint, because its seller would skip the caveats. Throws CONFIG_INVALID for a narrowing
 * that no token can have.
 */
export function macaroonCaveatsFor(token: string, narrowing: Narrowing): string[] {
  const before = macaroonFromText(token).caveats;
  const service = serviceOf(before);
  if (service === undefined) {
    throw new L402Error(
      "CREDENTIAL_MALFORMED",
      "attenuateToken: another program issued this macaroon, and its seller would not check our caveats.",
    );
  }
  const { resource, expiresAt, uses } = narrowing;
  const caveats: string[] = [];
  if (resource !== undefined) caveats.push(`l402_resource=${readResource(resource) ?? invalid(RESOURCE)}`);
  if (expiresAt !== undefined) {
    caveats.push(`${service}_valid_until=${unixSecondsOf(expiresAt) ?? invalid(EXPIRES_AT)}`);
  }
  if (uses !== undefined) {
    if (!isUses(uses)) invalid(USES);
    // The count includes the seller's own caveat.
    if (before.filter((caveat) => caveat.startsWith("l402_uses=")).length > MAX_USE_CAVEATS) {
      invalid(`uses can be limited at most ${MAX_USE_CAVEATS} times in one token`);
    }
    // Without the random text, two sub-tokens with the same number of uses would be equal and share one count.
    caveats.push(`l402_uses=${uses} ${toBase64Url(randomBytes(12))}`);
  }
  return caveats;
}

const RESOURCE = "resource must be 1 to 512 printable ASCII characters";
const EXPIRES_AT = "expiresAt must be a valid Date after 1970";
const USES = "uses must be a whole number of at least 1";

function invalid(message: string): never {
  throw new L402Error("CONFIG_INVALID", `attenuateToken: ${message}.`);
}
