import { hmacSha256, sha256 } from "#crypto";
import { readUsualToken, signHead } from "#quick";
import { bytesOf, equalBytes, toBase64Url, toHex } from "../../bytes.ts";
import type { AuthenticToken, Caveat, TokenClaims, TokenFormat } from "../../interfaces/token-format.ts";
import { jsonText } from "../../json-text.ts";
import type { KeyRing } from "../key-ring.ts";
import { parseCaveat } from "./caveat-text.ts";
import { readClaims } from "./signed-json-claims.ts";
import { splitSignedJson } from "./signed-json-text.ts";

/**
 * Makes the default token format: JSON that anyone can read, and that no holder can forge or widen. It works like a
 * macaroon: the first signature covers the JSON text. Every further signature covers one caveat, with the signature
 * before it as the key.
 */
export const signedJsonFormat = (): TokenFormat => ({ name: "signed-json", mint, authenticate });

function mint(claims: TokenClaims, keys: KeyRing): string {
  const { id: kid } = keys.current;
  const { tokenId, paymentHash, resource, amountMsat, uses, providerRef, computed } = claims;
  const expiresAt = Math.floor(claims.expiresAt.getTime() / 1000);
  // Writing the fields by hand takes half the time of one JSON.stringify. The last brace is missing, because a
  // signature follows.
  const head =
    `{"v":1,"kid":"${kid}","id":${jsonText(tokenId)},"hash":${jsonText(paymentHash)},"exp":${expiresAt}` +
    `,"res":${jsonText(resource)},"msat":${amountMsat},"uses":${uses === "unlimited" ? '"unlimited"' : uses}` +
    (providerRef === undefined ? "" : `,"ref":${jsonText(providerRef)}`) +
    (computed ? ',"computed":true' : "");
  return signHead(head, keys.current);
}

function authenticate(token: string, keys: KeyRing): AuthenticToken | undefined {
  const claims = readUsualToken(token, keys);
  if (claims === "forged") return undefined;
  return claims ? { claims, caveats: [] } : authenticateAny(token, keys);
}

/** Authenticates any token, also an unusual one. It is exported for the test that compares it with `readUsualToken`. */
export function authenticateAny(token: string, keys: KeyRing): AuthenticToken | undefined {
  const { head, keyId, caveats, signature } = splitSignedJson(token);

  // SECURITY: verify before read. No claim is read until the signature over the exact bytes holds
  // (create-paywall.forgery.test.ts, "a flipped byte anywhere in the token").
  const key = keys.find(keyId);
  if (!key) return undefined;
  let chained = key.sign(bytesOf(head));
  const parsed: Caveat[] = [];
  for (const text of caveats) {
    chained = hmacSha256(chained, text);
    // A holder of this signature could strip all later caveats, so it is hashed before it becomes an id.
    const link = chained;
    parsed.push(parseCaveat(text, () => toHex(sha256(link).subarray(0, 16))));
  }
  // The signatures are compared as text, because one signature has one spelling.
  if (!equalBytes(bytesOf(signature), bytesOf(toBase64Url(chained)))) return undefined;
  const claims = readClaims(head);
  return claims && { claims, caveats: parsed };
}
