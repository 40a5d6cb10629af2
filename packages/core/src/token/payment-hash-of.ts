import { fromBase64, textOfBytes } from "../bytes.ts";
import { decodeMacaroonIdentifier, IDENTIFIER_LENGTH } from "./macaroon/macaroon-identifier.ts";

/**
 * The payment hash that a token says it is for, in either format; `undefined` where it cannot be read. Nothing is proven
 * by it. A buyer compares it with the invoice before paying: a token for another payment would be worth nothing.
 */
export function paymentHashOf(token: string): string | undefined {
  try {
    const bytes = fromBase64(token);
    return bytes && (bytes[0] === 2 ? hashInMacaroon(bytes) : hashInJson(bytes));
  } catch {
    return undefined;
  }
}

/** Reads no further than the identifier: the rest is for the seller to judge. */
function hashInMacaroon(bytes: Uint8Array): string | undefined {
  const [, tag, length = 0] = bytes;
  // Before it may stand a location; one of more than 127 bytes is not looked behind.
  const start = tag === 1 ? 3 + length : 1;
  if (bytes[start] !== 2 || bytes[start + 1] !== IDENTIFIER_LENGTH) return undefined;
  const from = start + 2;
  return decodeMacaroonIdentifier(bytes.subarray(from, from + IDENTIFIER_LENGTH))?.paymentHash;
}

function hashInJson(bytes: Uint8Array): string | undefined {
  const { v, hash, sig } = JSON.parse(textOfBytes(bytes)) as Record<string, unknown>;
  return v === 1 && sig && typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash) ? hash : undefined;
}
