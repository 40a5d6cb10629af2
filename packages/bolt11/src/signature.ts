import { secp256k1 } from "@noble/curves/secp256k1.js";
import { decodeBech32 } from "./bech32.ts";
import { decodeInvoice } from "./decode-invoice.ts";
import type { DecodedInvoice } from "./decoded-invoice.ts";
import { encodeInvoice, type InvoiceFields } from "./encode-invoice.ts";
import { invalidField } from "./invalid-field.ts";
import { InvoiceMalformedError } from "./invoice-malformed-error.ts";
import { SIGNATURE_LENGTH } from "./open-invoice.ts";
import { hexOfBytes } from "./read-words.ts";
import { signedDataOf } from "./signed-data.ts";
import { bytesOfHex } from "./write-words.ts";

/** Encodes an invoice and signs it with a private key: 32 bytes, or 64 hex digits. */
export function signInvoice(fields: InvoiceFields, privateKey: Uint8Array | string): string {
  const key = typeof privateKey === "string" ? bytesOfHex(privateKey, "privateKey", 32) : privateKey;
  if (!secp256k1.utils.isValidSecretKey(key)) throw invalidField("privateKey is not a private key of secp256k1.");
  if (fields.payee !== undefined && fields.payee.toLowerCase() !== hexOfBytes(secp256k1.getPublicKey(key)))
    throw invalidField("payee is not the public key of privateKey.");
  const unsigned = encodeInvoice(fields);
  const [recoveryId, ...signature] = secp256k1.sign(unsigned.signedData, key, { format: "recovered" });
  return unsigned.withSignature({
    signature: hexOfBytes(Uint8Array.from(signature)),
    recoveryId: recoveryId as number,
  });
}

/**
 * Verifies the signature of an invoice and returns its signer: the payee that the invoice names, or else the recovered
 * key. Throws an InvoiceMalformedError if the signature is invalid or the invoice cannot be decoded.
 */
export function verifyInvoice(invoice: string | Pick<DecodedInvoice, "bolt11">): { payee: string } {
  // SECURITY: decode the text again, because decoded fields could have been changed (test: signature.test.ts).
  const { bolt11, payee, signature, recoveryId } = decodeInvoice(
    typeof invoice === "string" ? invoice : invoice?.bolt11,
  );
  const { prefix, words, length } = decodeBech32(bolt11);
  const data = signedDataOf(prefix, words.subarray(0, length - SIGNATURE_LENGTH));
  const bytes = bytesOfHex(signature, "signature");
  if (payee === undefined) return { payee: recoverPayee(bytes, recoveryId, data) };
  if (!isSignedBy(payee, bytes, data))
    throw new InvoiceMalformedError("The invoice's signature is not its payee's, or not in the low-S form.");
  return { payee };
}

function recoverPayee(signature: Uint8Array, recoveryId: number, data: Uint8Array): string {
  try {
    return hexOfBytes(secp256k1.recoverPublicKey(Uint8Array.of(recoveryId, ...signature), data));
  } catch {
    throw new InvoiceMalformedError("The invoice's signature belongs to no public key.");
  }
}

function isSignedBy(payee: string, signature: Uint8Array, data: Uint8Array): boolean {
  try {
    return secp256k1.verify(signature, data, bytesOfHex(payee, "payee"), { lowS: true });
  } catch {
    return false; // Not a point of the curve.
  }
}
