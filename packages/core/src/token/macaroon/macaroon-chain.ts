import { createSigner, hmacSha256 } from "#crypto";
import { bytesOf } from "../../bytes.ts";

// libmacaroons and gopkg.in/macaroon.v2 derive the first key this way. The L402 specification leaves the step out, and
// what follows it to the letter verifies nowhere.
const KEY_GENERATOR = /* @__PURE__ */ createSigner(/* @__PURE__ */ bytesOf("macaroons-key-generator"));

/** The signatures of a macaroon: after its identifier, then after each caveat. The last one is the macaroon's. */
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

/** The signature after one more caveat; it needs no other secret, so every holder can add one. */
export const extendSignature = (signature: Uint8Array, caveat: string): Uint8Array => hmacSha256(signature, caveat);
