import { sha256OfHex } from "#crypto";

/** Whether a preimage, in hex, is the one that hashes to the payment hash: the only proof that it was paid. */
export function isPreimageOf(preimage: unknown, paymentHash: string): preimage is string {
  const hash = typeof preimage === "string" && sha256OfHex(preimage);
  // No secret is compared: whoever guesses a preimage can hash it as well.
  return !!hash && (hash === paymentHash || hash === paymentHash.toLowerCase());
}
