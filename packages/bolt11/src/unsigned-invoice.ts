import { CHECKSUM_LENGTH, encodeBech32, MAX_BECH32_LENGTH } from "./bech32.ts";
import type { DecodedInvoice } from "./decoded-invoice.ts";
import { invalidField } from "./invalid-field.ts";
import { SIGNATURE_LENGTH } from "./open-invoice.ts";
import { signedDataOf } from "./signed-data.ts";
import { bytesOfHex, wordsOfBytes } from "./write-words.ts";

/** An invoice without its signature: for keys that are stored elsewhere, such as in a node or an HSM. */
export interface UnsignedInvoice {
  /** The bytes to sign: the payee signs their SHA-256 by ECDSA over secp256k1. */
  readonly signedData: Uint8Array;
  /** Returns the finished invoice. It does not verify the signature. */
  withSignature(signature: Pick<DecodedInvoice, "signature" | "recoveryId">): string;
}

/** Creates an unsigned invoice from its prefix and its data, which end before the signature. */
export function createUnsignedInvoice(prefix: string, words: Uint8Array): UnsignedInvoice {
  const length = prefix.length + 1 + words.length + SIGNATURE_LENGTH + CHECKSUM_LENGTH;
  if (length > MAX_BECH32_LENGTH)
    throw invalidField(`The fields are too long: an invoice has at most ${MAX_BECH32_LENGTH} characters.`);
  return {
    signedData: signedDataOf(prefix, words),
    withSignature({ signature, recoveryId }) {
      const bytes = bytesOfHex(signature, "signature", 64);
      if (![0, 1, 2, 3].includes(recoveryId)) throw invalidField("recoveryId must be from 0 to 3.");
      return encodeBech32(prefix, Uint8Array.of(...words, ...wordsOfBytes([...bytes, recoveryId])));
    },
  };
}
