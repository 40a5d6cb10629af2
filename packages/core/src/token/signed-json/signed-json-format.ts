import { hmacSha256, sha256 } from "#crypto";
import { readUsualToken, signHead } from "#quick";
import { bytesOf, equalBytes, toBase64Url, toHex } from "../../bytes.ts";
import type { AuthenticToken, Caveat, TokenClaims, TokenFormat } from "../../interfaces/token-format.ts";
import { quote } from "../../quote.ts";
import type { KeyRing } from "../key-ring.ts";
import { parseCaveat } from "./caveat-text.ts";
import { readClaims } from "./signed-json-claims.ts";
import { splitSignedJson } from "./signed-json-text.ts";

/**
 * The default token: JSON that anyone can read and nobody can forge or widen. It is a macaroon: the first signature
 * covers the JSON text, every further one a caveat with the signature before it as the key.
 */
export const signedJsonFormat = (): TokenFormat => ({ name: "signed-json", mint, authenticate });

function mint(claims: TokenClaims, keys: KeyRing): string {
  const { id: kid } = keys.current;
  const { tokenId, paymentHash, resource, amountMsat, uses, providerRef, computed } = claims;
  const expiresAt = Math.floor(claims.expiresAt.getTime() / 1000);
  // Half the time of one JSON.stringify for all. Without its last brace, because a signature follows.
  const head =
    `{"v":1,"kid":"${kid}","id":${quote(tokenId)},"hash":${quote(paymentHash)},"exp":${expiresAt}` +
    `,"res":${quote(resource)},"msat":${amountMsat},"uses":${uses === "unlimited" ? '"unlimited"' : uses}` +
    (providerRef === undefined ? "" : `,"ref":${quote(providerRef)}`) +
    (computed ? ',"computed":true' : "");
  return signHead(head, keys.current);
}

function authenticate(token: string, keys: KeyRing): AuthenticToken | undefined {
  const claims = readUsualToken(token, keys);
  if (claims === "forged") return undefined;
  return claims ? { claims, caveats: [] } : authenticateAny(token, keys);
}

/** The way for all tokens. Exported for the test that compares the two. */
export function authenticateAny(token: string, keys: KeyRing): AuthenticToken | undefined {
  const { head, keyId, caveats, signature } = splitSignedJson(token);

  // SECURITY: verify before read. Nothing of the claims is looked at until the signature over their exact bytes holds
  // (create-paywall.forgery.test.ts, "a flipped byte anywhere in the token").
  const key = keys.find(keyId);
  if (!key) return undefined;
  let chained = key.sign(bytesOf(head));
  const parsed: Caveat[] = [];
  for (const text of caveats) {
    chained = hmacSha256(chained, text);
    // The signature itself would let its holder strip later caveats, so it is hashed before it becomes an id.
    const link = chained;
    parsed.push(parseCaveat(text, () => toHex(sha256(link).subarray(0, 16))));
  }
  // As text, because one signature has one spelling.
  if (!equalBytes(bytesOf(signature), bytesOf(toBase64Url(chained)))) return undefined;
  const claims = readClaims(head);
  return claims && { claims, caveats: parsed };
}
