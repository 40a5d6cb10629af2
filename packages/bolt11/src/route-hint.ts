import type { RouteHintHop } from "./decoded-invoice.ts";
import { invalidField } from "./invalid-field.ts";
import { InvoiceMalformedError } from "./invoice-malformed-error.ts";
import { isPublicKey } from "./public-key.ts";
import { bytesOfWords, hexOfBytes } from "./read-words.ts";
import { bytesOfHex, wordsOfBytes } from "./write-words.ts";

const HOP_LENGTH = 51;

/** Reads the hops of an `r` field. */
export function readRouteHint(words: Uint8Array, start: number, end: number): RouteHintHop[] {
  const bytes = bytesOfWords(words, start, end);
  if (bytes.length % HOP_LENGTH) throw new InvoiceMalformedError("The invoice has a route hint of the wrong length.");
  const view = new DataView(bytes.buffer);
  const hops: RouteHintHop[] = [];
  for (let at = 0; at < bytes.length; at += HOP_LENGTH) {
    const block = view.getUint32(at + 33) >>> 8;
    const transaction = view.getUint32(at + 36) >>> 8;
    const hop = {
      pubkey: hexOfBytes(bytes.subarray(at, at + 33)),
      shortChannelId: `${block}x${transaction}x${view.getUint16(at + 39)}`,
      feeBaseMsat: view.getUint32(at + 41),
      feeProportionalMillionths: view.getUint32(at + 45),
      cltvExpiryDelta: view.getUint16(at + 49),
    };
    if (!isPublicKey(hop.pubkey))
      throw new InvoiceMalformedError("The invoice has a route hint whose node is not a public key.");
    hops.push(hop);
  }
  return hops;
}

/** Encodes an `r` field into words. */
export function writeRouteHint(hops: readonly RouteHintHop[]): number[] {
  if (hops.length === 0) throw invalidField("routeHints has a route without hops.");
  const bytes = new Uint8Array(hops.length * HOP_LENGTH);
  const view = new DataView(bytes.buffer);
  hops.forEach((hop, i) => {
    const at = i * HOP_LENGTH;
    if (!isPublicKey(hop.pubkey)) throw invalidField("routeHints.pubkey must be a compressed public key in hex.");
    bytes.set(bytesOfHex(hop.pubkey, "routeHints.pubkey", 33), at);
    const channel = /^(\d+)x(\d+)x(\d+)$/.exec(hop.shortChannelId)?.slice(1).map(Number) ?? [];
    const [block, transaction, output] = channel;
    view.setUint32(at + 33, inRange(block, 24, "shortChannelId") * 256);
    view.setUint32(at + 36, inRange(transaction, 24, "shortChannelId") * 256);
    view.setUint16(at + 39, inRange(output, 16, "shortChannelId"));
    view.setUint32(at + 41, inRange(hop.feeBaseMsat, 32, "feeBaseMsat"));
    view.setUint32(at + 45, inRange(hop.feeProportionalMillionths, 32, "feeProportionalMillionths"));
    view.setUint16(at + 49, inRange(hop.cltvExpiryDelta, 16, "cltvExpiryDelta"));
  });
  return wordsOfBytes(bytes);
}

function inRange(value: number | undefined, bits: number, name: string): number {
  if (value === undefined || !Number.isInteger(value) || value < 0 || value >= 2 ** bits)
    throw invalidField(`routeHints.${name} is out of range.`);
  return value;
}
