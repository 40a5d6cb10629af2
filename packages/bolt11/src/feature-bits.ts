import { invalidField } from "./invalid-field.ts";
import { InvoiceMalformedError } from "./invoice-malformed-error.ts";
import { refuseLeadingZeros } from "./read-words.ts";

// The even bits of BOLT 9 that an invoice may contain. Today, every node is assumed to support the first two. A paying
// node decides itself whether it supports a bit; this list only refuses bits that are not specified.
const KNOWN_EVEN_BITS: readonly number[] = [
  8, // var_onion_optin
  14, // payment_secret
  16, // basic_mpp
  24, // option_route_blinding
  36, // option_attribution_data
  48, // option_payment_metadata
];

/** Returns the set bits of a `9` field, in ascending order. Throws for an unknown even bit: it means "do not pay". */
export function readFeatureBits(words: Uint8Array, start: number, end: number): number[] {
  refuseLeadingZeros(words, start, end);
  const bits: number[] = [];
  for (let i = end - 1; i >= start; i--) {
    for (let offset = 0; offset < 5; offset++) {
      if (((words[i] as number) >> offset) & 1) bits.push((end - 1 - i) * 5 + offset);
    }
  }
  for (const bit of bits) {
    if (bit % 2 === 0 && !KNOWN_EVEN_BITS.includes(bit))
      throw new InvoiceMalformedError(`The invoice requires the unknown feature ${bit}.`);
  }
  return bits;
}

/** Encodes a `9` field into words. */
export function writeFeatureBits(bits: readonly number[]): number[] {
  const words: number[] = [];
  for (const bit of bits) {
    if (!Number.isInteger(bit) || bit < 0 || bit >= 1023 * 5) throw invalidField("featureBits must be from 0 to 5114.");
    if (bit % 2 === 0 && !KNOWN_EVEN_BITS.includes(bit))
      throw invalidField(`featureBits has ${bit}, which is unknown.`);
    const position = Math.floor(bit / 5);
    while (words.length <= position) words.push(0);
    words[position] = (words[position] as number) | (1 << (bit % 5));
  }
  return words.reverse();
}
