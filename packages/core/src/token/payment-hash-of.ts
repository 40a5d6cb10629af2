import { fromBase64, textOfBytes } from "../bytes.ts";
import { decodeMacaroonIdentifier, IDENTIFIER_LENGTH } from "./macaroon/macaroon-identifier.ts";

/**
 * Returns the payment hash in a token of either format; `undefined` if it cannot be read. The token is not verified. A
 * buyer compares the hash with the invoice before paying, because a token for another payment would be worthless.
 */
export function paymentHashOf(token: string): string | undefined {
  try {
    const bytes = fromBase64(token);
    return bytes && (bytes[0] === 2 ? hashInMacaroon(bytes) : hashInJson(bytes));
  } catch {
    return undefined;
  }
}

/** Reads only up to the identifier. The rest is for the seller to judge. */
function hashInMacaroon(bytes: Uint8Array): string | undefined {
  const [, tag, length = 0] = bytes;
  // A location may come before the identifier. An identifier after a location of more than 127 bytes is not found.
  const start = tag === 1 ? 3 + length : 1;
  if (bytes[start] !== 2 || bytes[start + 1] !== IDENTIFIER_LENGTH) return undefined;
  const from = start + 2;
  return decodeMacaroonIdentifier(bytes.subarray(from, from + IDENTIFIER_LENGTH))?.paymentHash;
}

function hashInJson(bytes: Uint8Array): string | undefined {
  const { v, hash, sig } = JSON.parse(textOfBytes(bytes)) as Record<string, unknown>;
  return v === 1 && sig && typeof hash === "string" && /^[0-9a-f]{64}$/.test(hash) ? hash : undefined;
}
