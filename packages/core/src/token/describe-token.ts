import { toHex } from "../bytes.ts";
import { macaroonFromText } from "./macaroon/macaroon-codec.ts";
import { decodeMacaroonIdentifier } from "./macaroon/macaroon-identifier.ts";
import { splitSignedJson } from "./signed-json/signed-json-text.ts";

/** What anybody can read in a token. Nothing in it is proven. */
export interface TokenDescription {
  format: "signed-json" | "macaroon";
  /** What the seller wrote, by its name in the token. */
  claims: Record<string, unknown>;
  /** What holders added, or all conditions of a macaroon. */
  caveats: readonly string[];
}

/** Reads a token for people and tools; `undefined` for one of another kind. */
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
