import type { FallbackAddress, RouteHintHop } from "./decoded-invoice.ts";
import { readFallbackAddress } from "./fallback-address.ts";
import { readFeatureBits } from "./feature-bits.ts";
import { InvoiceMalformedError } from "./invoice-malformed-error.ts";
import type { SummaryFields } from "./invoice-summary.ts";
import { isPublicKey } from "./public-key.ts";
import { endOfField, FIELD_HEADER_LENGTH, readHash, readInteger } from "./read-field.ts";
import { hexOfWords, textOfWords } from "./read-words.ts";
import { readRouteHint } from "./route-hint.ts";
import * as tag from "./tags.ts";

/** The tagged fields of an invoice. Absent fields are `undefined`. */
export interface TaggedFields extends SummaryFields {
  paymentSecret: string | undefined;
  description: string | undefined;
  descriptionHash: string | undefined;
  payee: string | undefined;
  metadata: string | undefined;
  minFinalCltvExpiryDelta: number | undefined;
  featureBits: number[] | undefined;
  fallbackAddresses: FallbackAddress[];
  routeHints: RouteHintHop[][];
}

/**
 * Reads tagged fields. If a field that may occur only once occurs several times, the first one counts. Skips unknown
 * fields, and hashes, secrets and payees of a wrong length.
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
  for (let at = start, next: number; at < end; at = next) {
    next = endOfField(words, at, end);
    const from = at + FIELD_HEADER_LENGTH;
    switch (words[at]) {
      case tag.PAYMENT_HASH:
        fields.paymentHash ??= readHash(words, from, next);
        break;
      case tag.PAYMENT_SECRET:
        fields.paymentSecret ??= readHash(words, from, next);
        break;
      case tag.DESCRIPTION:
        fields.description ??= textOfWords(words, from, next);
        break;
      case tag.DESCRIPTION_HASH:
        fields.descriptionHash ??= readHash(words, from, next);
        break;
      case tag.PAYEE:
        if (next - from === tag.PAYEE_LENGTH) fields.payee ??= readPayee(words, from, next);
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
