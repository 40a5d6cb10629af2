import { sha256Hex } from "#crypto";
import { fromHex } from "./bytes.ts";

/** Whether a preimage, in hex, is the one that hashes to the payment hash: the only proof that it was paid. */
export function isPreimageOf(preimage: unknown, paymentHash: string): preimage is string {
  const bytes = typeof preimage === "string" && preimage.length === 64 ? fromHex(preimage) : undefined;
  if (!bytes) return false;
  // No secret is compared: whoever guesses a preimage can hash it as well.
  const hash = sha256Hex(bytes);
  return hash === paymentHash || hash === paymentHash.toLowerCase();
}
