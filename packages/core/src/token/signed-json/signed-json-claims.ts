import type { TokenClaims } from "../../interfaces/token-format.ts";

const FIELDS = /^v,kid,id,hash,exp,res,msat,uses(,ref)?(,computed)?$/;

/**
 * Reads the claims in the authentic text of a token; `undefined` unless they look as `mint` writes them. Our own
 * signature does not guarantee their shape, because another program may hold the same secret.
 */
export function readClaims(head: string): TokenClaims | undefined {
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(`${head}}`);
  } catch {
    return undefined;
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
  if (!valid) return undefined;
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

/** The last Unix second that a Date can hold. */
const LAST_DATE = 8_640_000_000_000;

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;
