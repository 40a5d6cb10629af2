import { hexOfBytes, sha256 } from "#crypto";
import { L402Error } from "../../errors.ts";
import type { Caveat } from "../../interfaces/token-format.ts";
import { readExpiry, readPreimage, readResource, readUses } from "./macaroon-caveat-values.ts";

/** The rules for reading the caveats that holders added. */
export interface HolderCaveatRules {
  service: string;
  unknownCaveats: "refuse" | "skip";
}

/**
 * Reads a caveat that a holder added, so that the paywall can enforce it on top of the claims. Returns `undefined` for
 * a caveat that limits nothing. `signature` is the one of the chain right after the caveat. Throws
 * CREDENTIAL_MALFORMED.
 *
 * SECURITY: anyone can add caveats, so no caveat may widen a token. Each caveat is returned as one more condition,
 * beside the claims and the other caveats (test: macaroon-narrowing.test.ts, "gains nothing").
 */
export function readHolderCaveat(caveat: string, signature: Uint8Array, rules: HolderCaveatRules): Caveat | undefined {
  const { service, unknownCaveats } = rules;
  const equals = caveat.indexOf("=");
  const value = caveat.slice(equals + 1);
  switch (equals < 0 ? undefined : caveat.slice(0, equals)) {
    case "services":
      // Aperture compares only the names, so a holder can raise the tier there. We sold one service at tier 0.
      if (value.split(",").every((entry) => entry === `${service}:0`)) return undefined;
      throw refused("services that the token was not sold for");
    case `${service}_capabilities`:
      // We sell no capabilities, so none can be taken away. A list would be a limit that this seller does not enforce.
      if (value === "") return undefined;
      throw refused("capabilities, which this seller does not have");
    case `${service}_valid_until`:
      return { type: "expiry", expiresAt: readExpiry(value) ?? broken("expiry") };
    case "l402_resource":
      return { type: "resource", resource: readResource(value) ?? broken("resource") };
    case "l402_uses":
      return { type: "uses", uses: readHolderUses(value) ?? broken("uses"), id: idOf(signature) };
    case "l402_amount_msat":
      throw refused("an amount, which only the seller can set");
    case "preimage":
      return { type: "preimage", preimage: readPreimage(value) ?? broken("preimage") };
    default:
      // The holder who added it meant to narrow the token. The L402 specification skips it all the same.
      if (unknownCaveats === "skip") return undefined;
      throw new L402Error(
        "CREDENTIAL_MALFORMED",
        "The token has a caveat that this seller does not know and cannot enforce.",
        {
          hint: "Use a token without caveats that this seller does not know.",
        },
      );
  }
}

/** Reads a number of uses. The text after the number makes two sub-tokens of one pass differ. */
function readHolderUses(value: string): number | undefined {
  const match = /^(\d{1,16})(?: [\w-]{1,32})?$/.exec(value);
  return match ? readUses(match[1]) : undefined;
}

/**
 * SECURITY: the id is a hash of the signature, because a holder of the signature itself could drop all later caveats
 * (test: macaroon-narrowing.test.ts, "does not give away a signature of the chain").
 */
const idOf = (signature: Uint8Array) => hexOfBytes(sha256(signature).subarray(0, 16));

const refused = (what: string) =>
  new L402Error("CREDENTIAL_MALFORMED", `A holder added a caveat to the token that names ${what}.`);

function broken(what: string): never {
  throw new L402Error("CREDENTIAL_MALFORMED", `The token has a caveat with an invalid value: ${what}.`);
}
