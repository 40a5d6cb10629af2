import { createHmacKey, hmacSha256 } from "#crypto";
import { bytesOf, fromBase64, toBase64Url } from "../bytes.ts";
import { L402Error } from "../errors.ts";
import { MAX_CAVEATS, type Narrowing, renderCaveats } from "./caveat-text.ts";
import { joinSignedJson, splitSignedJson } from "./signed-json-text.ts";

/**
 * Makes a narrower token of one you hold, offline, to hand on: for one resource only, for a shorter time, for fewer
 * uses. Nobody can widen it again. It goes with the same preimage.
 */
export function attenuateToken(token: string, narrowing: Narrowing): string {
  const parts = splitSignedJson(token);
  const added = renderCaveats(narrowing);
  if (added.length === 0) {
    throw new L402Error("CONFIG_INVALID", "attenuateToken needs at least one of resource, expiresAt and uses.");
  }
  const caveats = [...parts.caveats, ...added];
  if (caveats.length > MAX_CAVEATS) {
    throw new L402Error("CONFIG_INVALID", `A token holds at most ${MAX_CAVEATS} caveats.`);
  }
  let chained = fromBase64(parts.signature);
  if (!chained) throw new L402Error("CREDENTIAL_MALFORMED", "The token's signature is not base64url.");
  for (const caveat of added) chained = hmacSha256(createHmacKey(chained), bytesOf(caveat));
  return toBase64Url(bytesOf(joinSignedJson({ head: parts.head, caveats, signature: toBase64Url(chained) })));
}
