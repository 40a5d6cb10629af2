import { sha256OfHex } from "#crypto";

/** True if a preimage, in hex, hashes to the payment hash. That is the only proof that the invoice was paid. */
export function isPreimageOf(preimage: unknown, paymentHash: string): preimage is string {
  const hash = typeof preimage === "string" && sha256OfHex(preimage);
  // This comparison needs no constant time, because it compares no secret: an attacker who guesses a preimage can hash
  // it as well.
  return !!hash && (hash === paymentHash || hash === paymentHash.toLowerCase());
}
