import { createHmacKey, hmacSha256, sha256 } from "#crypto";
import { bytesOf, equalBytes, fromBase64, toBase64Url, toHex } from "../../bytes.ts";
import { L402Error } from "../../errors.ts";
import type { AuthenticToken, Caveat, TokenClaims, TokenFormat } from "../../interfaces/token-format.ts";
import type { KeyRing } from "../key-ring.ts";
import { parseCaveat } from "./caveat-text.ts";
import { splitSignedJson } from "./signed-json-text.ts";

/**
 * The default token: JSON that anyone can read and nobody can forge or widen. It is a macaroon: the first signature
 * covers the JSON text, every further one a caveat with the signature before it as the key.
 */
export const signedJsonFormat = (): TokenFormat => ({ name: "signed-json", mint, authenticate });

function mint(claims: TokenClaims, keys: KeyRing): string {
  const { id: kid, sign } = keys.current;
  const { tokenId: id, paymentHash: hash, resource: res, amountMsat: msat, uses, providerRef: ref, computed } = claims;
  const exp = Math.floor(claims.expiresAt.getTime() / 1000);
  // Without its last brace, because a signature follows.
  const head = JSON.stringify({ v: 1, kid, id, hash, exp, res, msat, uses, ref, computed }).slice(0, -1);
  return toBase64Url(bytesOf(`${head},"sig":"${toBase64Url(sign(bytesOf(head)))}"}`));
}

function authenticate(token: string, keys: KeyRing): AuthenticToken {
  const { head, keyId, caveats, signature } = splitSignedJson(token);

  // SECURITY: verify before read. Nothing of the claims is looked at until the signature over their exact bytes holds
  // (create-paywall.forgery.test.ts, "a flipped byte anywhere in the token").
  const key = keys.find(keyId);
  if (!key) throw notAuthentic();
  let chained = key.sign(bytesOf(head));
  const parsed: Caveat[] = [];
  for (const text of caveats) {
    chained = hmacSha256(createHmacKey(chained), bytesOf(text));
    // The signature itself would let its holder strip later caveats, so it is hashed before it becomes an id.
    const link = chained;
    parsed.push(parseCaveat(text, () => toHex(sha256(link).subarray(0, 16))));
  }
  const given = fromBase64(signature);
  if (!given || !equalBytes(given, chained)) throw notAuthentic();

  return { claims: readClaims(head), caveats: parsed };
}

const FIELDS = /^v,kid,id,hash,exp,res,msat,uses(,ref)?(,computed)?$/;

/** Our own signature is no reason to trust a shape: another program may hold the same secret. */
function readClaims(head: string): TokenClaims {
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(`${head}}`);
  } catch {
    throw notAuthentic();
  }
  const { v, id, hash, exp, res, msat, uses, ref, computed } = json;
  const valid =
    FIELDS.test(Object.keys(json).join()) &&
    v === 1 &&
    typeof id === "string" &&
    typeof hash === "string" &&
    /^[0-9a-f]{64}$/.test(hash) &&
    isCount(exp) &&
    exp <= LAST_DATE &&
    typeof res === "string" &&
    isCount(msat) &&
    (uses === "unlimited" || isCount(uses)) &&
    (ref === undefined || typeof ref === "string") &&
    (computed === undefined || computed === true);
  if (!valid) throw notAuthentic();
  return {
    paymentHash: hash,
    resource: res,
    amountMsat: msat,
    uses,
    expiresAt: new Date(exp * 1000),
    tokenId: id,
    ...(ref !== undefined && { providerRef: ref }),
    ...(computed && { computed }),
  };
}

/** The last second that a Date can hold. */
const LAST_DATE = 8_640_000_000_000;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

const notAuthentic = () => new L402Error("CREDENTIAL_NOT_AUTHENTIC");
