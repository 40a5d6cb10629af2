import type { FallbackAddress, RouteHintHop } from "./decoded-invoice.ts";
import { readFallbackAddress } from "./fallback-address.ts";
import { readFeatureBits } from "./feature-bits.ts";
import { InvoiceMalformedError } from "./invoice-malformed-error.ts";
import { isPublicKey } from "./public-key.ts";
import { hexOfWords, integerOfWords, refuseLeadingZeros, textOfWords } from "./read-words.ts";
import { readRouteHint } from "./route-hint.ts";
import * as tag from "./tags.ts";

/** The tagged fields as they stand in the invoice; absent ones are `undefined`. */
export interface TaggedFields {
  paymentHash: string | undefined;
  paymentSecret: string | undefined;
  description: string | undefined;
  descriptionHash: string | undefined;
  payee: string | undefined;
  metadata: string | undefined;
  expiresInSeconds: number | undefined;
  minFinalCltvExpiryDelta: number | undefined;
  featureBits: number[] | undefined;
  fallbackAddresses: FallbackAddress[];
  routeHints: RouteHintHop[][];
}

/**
 * Reads tagged fields. Of a field that may stand once the first one counts. Unknown fields are skipped, and so are hashes,
 * secrets and payees of a wrong length: the specification says "fail", but its valid examples skip them.
 */
export function readTaggedFields(words: Uint8Array, start: number, end: number): TaggedFields {
  const fields: TaggedFields = {
    paymentHash: undefined,
    paymentSecret: undefined,
    description: undefined,
    descriptionHash: undefined,
    payee: undefined,
    metadata: undefined,
    expiresInSeconds: undefined,
    minFinalCltvExpiryDelta: undefined,
    featureBits: undefined,
    fallbackAddresses: [],
    routeHints: [],
  };
  let next = start;
  while (next < end) {
    const type = words[next];
    const from = next + 3;
    const length = (words[next + 1] as number) * 32 + (words[next + 2] as number);
    if (from + length > end) throw new InvoiceMalformedError("The invoice has a field that is cut off.");
    next = from + length;
    switch (type) {
      case tag.PAYMENT_HASH:
        if (length === tag.HASH_LENGTH) fields.paymentHash ??= hexOfWords(words, from, next);
        break;
      case tag.PAYMENT_SECRET:
        if (length === tag.HASH_LENGTH) fields.paymentSecret ??= hexOfWords(words, from, next);
        break;
      case tag.DESCRIPTION:
        fields.description ??= textOfWords(words, from, next);
        break;
      case tag.DESCRIPTION_HASH:
        if (length === tag.HASH_LENGTH) fields.descriptionHash ??= hexOfWords(words, from, next);
        break;
      case tag.PAYEE:
        if (length === tag.PAYEE_LENGTH) fields.payee ??= readPayee(words, from, next);
        break;
      case tag.METADATA:
        fields.metadata ??= hexOfWords(words, from, next);
        break;
      case tag.EXPIRY:
        fields.expiresInSeconds ??= readInteger(words, from, next);
        break;
      case tag.MIN_FINAL_CLTV_EXPIRY_DELTA:
        fields.minFinalCltvExpiryDelta ??= readInteger(words, from, next);
        break;
      case tag.FEATURE_BITS:
        fields.featureBits ??= readFeatureBits(words, from, next);
        break;
      case tag.FALLBACK_ADDRESS: {
        const address = readFallbackAddress(words, from, next);
        if (address) fields.fallbackAddresses.push(address);
        break;
      }
      case tag.ROUTE_HINT: {
        const hops = readRouteHint(words, from, next);
        if (hops.length) fields.routeHints.push(hops);
        break;
      }
    }
  }
  return fields;
}

function readPayee(words: Uint8Array, start: number, end: number): string {
  const payee = hexOfWords(words, start, end);
  if (!isPublicKey(payee)) throw new InvoiceMalformedError("The invoice's payee is not a public key.");
  return payee;
}

function readInteger(words: Uint8Array, start: number, end: number): number {
  refuseLeadingZeros(words, start, end);
  return integerOfWords(words, start, end);
}
