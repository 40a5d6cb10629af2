import { createSigner, hmacSha256, type Signer } from "#crypto";
import { bytesOf } from "../../bytes.ts";

// libmacaroons and gopkg.in/macaroon.v2 derive the first key in this way. The L402 specification leaves this step out,
// but no library accepts a macaroon that was made without it. Made at first use, so that an import is not slower for
// it.
let keyGenerator: Signer | undefined;

/**
 * Returns the signatures of a macaroon: after its identifier, then after each caveat. The last one is the signature of
 * the macaroon.
 */
export function signatureChain(
  rootKey: Uint8Array,
  identifier: Uint8Array,
  caveats: readonly string[],
): [Uint8Array, ...Uint8Array[]] {
  keyGenerator ??= createSigner(bytesOf("macaroons-key-generator"));
  let signature = hmacSha256(keyGenerator.sign(rootKey), identifier);
  const chain: [Uint8Array, ...Uint8Array[]] = [signature];
  for (const caveat of caveats) {
    signature = extendSignature(signature, caveat);
    chain.push(signature);
  }
  return chain;
}

/** Returns the signature after one more caveat. This needs no other secret, so every holder can add a caveat. */
export const extendSignature = (signature: Uint8Array, caveat: string): Uint8Array => hmacSha256(signature, caveat);
