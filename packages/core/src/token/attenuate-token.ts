import { fromBase64 } from "../bytes.ts";
import { refuseUnknownOptions } from "../check-option.ts";
import { L402Error } from "../errors.ts";
import { attenuateMacaroon, macaroonCaveatsFor } from "./macaroon/macaroon-attenuation.ts";
import type { Narrowing } from "./narrowing.ts";
import { attenuateSignedJson } from "./signed-json/signed-json-attenuation.ts";

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
    : attenuateSignedJson(token, narrowing);
}

/** True for a version 2 macaroon, which starts with a byte of 2; JSON starts with a brace. */
const isMacaroon = (token: string) => fromBase64(token.slice(0, 4))?.[0] === 2;
