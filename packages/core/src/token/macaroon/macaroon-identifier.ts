import { hexOfBytes } from "#crypto";
import { fromHex } from "../../bytes.ts";

// version (0, two bytes) | payment hash (32 bytes) | token id (32 bytes)
export const IDENTIFIER_LENGTH = 66;

/** The content of an L402 macaroon's identifier. */
export interface MacaroonIdentifier {
  /** 64 lower-case hex characters. */
  paymentHash: string;
  /** 32 bytes. */
  tokenId: Uint8Array;
}

/** Writes an identifier of 66 bytes; `undefined` unless hash and id have the right form. */
export function encodeMacaroonIdentifier({ paymentHash, tokenId }: MacaroonIdentifier): Uint8Array | undefined {
  const hash = /^[0-9a-f]{64}$/.test(paymentHash) ? fromHex(paymentHash) : undefined;
  if (hash?.length !== 32 || tokenId.length !== 32) return undefined;
  const bytes = new Uint8Array(IDENTIFIER_LENGTH);
  bytes.set(hash, 2);
  bytes.set(tokenId, 34);
  return bytes;
}

/** Reads an identifier; `undefined` for any other length or version. */
export function decodeMacaroonIdentifier(bytes: Uint8Array): MacaroonIdentifier | undefined {
  if (bytes.length !== IDENTIFIER_LENGTH || bytes[0] !== 0 || bytes[1] !== 0) return undefined;
  return { paymentHash: hexOfBytes(bytes.subarray(2, 34)), tokenId: bytes.slice(34) };
}
