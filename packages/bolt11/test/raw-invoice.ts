import { encodeBech32 } from "../src/bech32.ts";
import { wordsOfBytes } from "../src/write-words.ts";

const CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const TIMESTAMP = [1, 12, 18, 31, 28, 25, 2];

/** A field with any data at all, valid or not. */
export const field = (tag: string, words: ArrayLike<number>): number[] => [
  CHARSET.indexOf(tag),
  words.length >> 5,
  words.length & 31,
  ...Array.from(words),
];

export const textWords = (text: string): number[] => wordsOfBytes(new TextEncoder().encode(text));

/** The four fields without which no invoice is valid. */
export const REQUIRED = {
  hash: field("p", wordsOfBytes(new Uint8Array(32).fill(0xaa))),
  secret: field("s", wordsOfBytes(new Uint8Array(32).fill(0xbb))),
  description: field("d", textWords("tea")),
} as const;

const { hash, secret, description } = REQUIRED;

interface RawInvoice {
  prefix?: string;
  fields?: readonly (readonly number[])[];
  /** Instead of a hash, a secret and a description. */
  required?: readonly (readonly number[])[];
  timestamp?: readonly number[];
  signature?: readonly number[];
}

/** An invoice with a correct checksum and whatever is asked for inside; unsigned, because decoding does not verify. */
export function rawInvoice({
  prefix = "lnbc10u",
  required = [hash, secret, description],
  fields = [],
  timestamp = TIMESTAMP,
  signature = new Array<number>(104).fill(0),
}: RawInvoice = {}): string {
  return encodeBech32(prefix, Uint8Array.from([...timestamp, ...required.flat(), ...fields.flat(), ...signature]));
}
