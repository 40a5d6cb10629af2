import { hmacSha256 } from "#crypto";
import { bytesOf, fromBase64, toBase64Url } from "../bytes.ts";
import { L402Error } from "../errors.ts";
import { refuseUnknownOptions } from "../known-options.ts";
import { attenuateMacaroon, macaroonCaveatsFor } from "./macaroon/macaroon-attenuation.ts";
import { MAX_CAVEATS, MAX_USE_CAVEATS, type Narrowing, renderCaveats } from "./signed-json/caveat-text.ts";
import { joinSignedJson, MAX_TOKEN_BYTES, splitSignedJson } from "./signed-json/signed-json-text.ts";

/**
 * Makes a narrower token from a token you hold, offline, to hand on: for one resource only, for a shorter time, or for
 * fewer uses. No holder can widen it again. It is used with the same preimage. Works for both token formats.
 */
export function attenuateToken(token: string, narrowing: Narrowing): string {
  refuseUnknownOptions("attenuateToken", narrowing, ["resource", "expiresAt", "uses"]);
  if (Object.values(narrowing).every((value) => value === undefined)) {
    throw new L402Error("CONFIG_INVALID", "attenuateToken: pass at least one of resource, expiresAt and uses.");
  }
  return isMacaroon(token)
    ? attenuateMacaroon(token, macaroonCaveatsFor(token, narrowing))
    : attenuateSignedJson(token, renderCaveats(narrowing));
}

/** True for a version 2 macaroon, which starts with a byte of 2; JSON starts with a brace. */
const isMacaroon = (token: string) => fromBase64(token.slice(0, 4))?.[0] === 2;

function attenuateSignedJson(token: string, added: readonly string[]): string {
  const { head, caveats: before, signature } = splitSignedJson(token);
  const caveats = [...before, ...added];
  let chained = fromBase64(signature);
  if (!chained) throw new L402Error("CREDENTIAL_MALFORMED", "The token's signature is not base64url.");
  for (const caveat of added) chained = hmacSha256(chained, caveat);
  const text = joinSignedJson({ head, caveats, signature: toBase64Url(chained) });
  if (caveats.length > MAX_CAVEATS || text.length > MAX_TOKEN_BYTES) {
    throw new L402Error(
      "CONFIG_INVALID",
      `attenuateToken: a token has at most ${MAX_CAVEATS} caveats and ${MAX_TOKEN_BYTES} bytes.`,
    );
  }
  if (caveats.filter((caveat) => caveat.startsWith("uses=")).length > MAX_USE_CAVEATS) {
    throw new L402Error(
      "CONFIG_INVALID",
      `attenuateToken: uses can be limited at most ${MAX_USE_CAVEATS} times in one token.`,
    );
  }
  return toBase64Url(bytesOf(text));
}
