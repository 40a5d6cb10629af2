import { toHex } from "../bytes.ts";
import { macaroonFromText } from "./macaroon/macaroon-codec.ts";
import { decodeMacaroonIdentifier } from "./macaroon/macaroon-identifier.ts";
import { splitSignedJson } from "./signed-json/signed-json-text.ts";

/** The readable content of a token. None of it is proven. */
export interface TokenDescription {
  format: "signed-json" | "macaroon";
  /** The claims that the seller wrote, by their names in the token. */
  claims: Record<string, unknown>;
  /** The caveats that holders added; for a macaroon, all its caveats. */
  caveats: readonly string[];
}

/** Reads a token for people and tools; `undefined` for a token of another kind. */
export function describeToken(token: string): TokenDescription | undefined {
  try {
    const { head, caveats } = splitSignedJson(token);
    return { format: "signed-json", claims: JSON.parse(`${head}}`) as Record<string, unknown>, caveats };
  } catch {}
  try {
    const { location, identifier, caveats } = macaroonFromText(token);
    const known = decodeMacaroonIdentifier(identifier);
    const id = known ? { hash: known.paymentHash, id: toHex(known.tokenId) } : { id: toHex(identifier) };
    return { format: "macaroon", claims: { ...(location && { location }), ...id }, caveats };
  } catch {
    return undefined;
  }
}
