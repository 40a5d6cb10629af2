import { sha256 } from "#crypto";
import { equalBytes, fromHex } from "./bytes.ts";

/** Whether a preimage, in hex, is the one that hashes to the payment hash: the only proof that it was paid. */
export function isPreimageOf(preimage: unknown, paymentHash: string): preimage is string {
  const bytes = typeof preimage === "string" && preimage.length === 64 ? fromHex(preimage) : undefined;
  const hash = fromHex(paymentHash);
  return bytes !== undefined && hash !== undefined && equalBytes(sha256(bytes), hash);
}
