import { createSigner, hmacSha256 } from "#crypto";
import { bytesOf } from "../../bytes.ts";

// libmacaroons and gopkg.in/macaroon.v2 derive the first key in this way. The L402 specification leaves this step out,
// but no library accepts a macaroon that was made without it.
const KEY_GENERATOR = /* @__PURE__ */ createSigner(/* @__PURE__ */ bytesOf("macaroons-key-generator"));

/**
 * Returns the signatures of a macaroon: after its identifier, then after each caveat. The last one is the signature of
 * the macaroon.
 */
export function signatureChain(
  rootKey: Uint8Array,
  identifier: Uint8Array,
  caveats: readonly string[],
): [Uint8Array, ...Uint8Array[]] {
  let signature = hmacSha256(KEY_GENERATOR.sign(rootKey), identifier);
  const chain: [Uint8Array, ...Uint8Array[]] = [signature];
  for (const caveat of caveats) {
    signature = extendSignature(signature, caveat);
    chain.push(signature);
  }
  return chain;
}

/** Returns the signature after one more caveat. This needs no other secret, so every holder can add a caveat. */
export const extendSignature = (signature: Uint8Array, caveat: string): Uint8Array => hmacSha256(signature, caveat);
