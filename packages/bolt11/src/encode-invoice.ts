import { DEFAULT_MIN_FINAL_CLTV_EXPIRY_DELTA } from "./decode-invoice.ts";
import type { FallbackAddress, RouteHintHop } from "./decoded-invoice.ts";
import { writeFallbackAddress } from "./fallback-address.ts";
import { writeFeatureBits } from "./feature-bits.ts";
import { formatHumanReadablePart, type Network } from "./human-readable-part.ts";
import { invalidField } from "./invalid-field.ts";
import { DEFAULT_EXPIRY_SECONDS } from "./invoice-summary.ts";
import { TIMESTAMP_LENGTH } from "./open-invoice.ts";
import { isPublicKey } from "./public-key.ts";
import { writeRouteHint } from "./route-hint.ts";
import * as tag from "./tags.ts";
import { createUnsignedInvoice, type UnsignedInvoice } from "./unsigned-invoice.ts";
import { bytesOfHex, wordsOfBytes, wordsOfInteger, wordsOfText } from "./write-words.ts";

/** The fields of a new invoice, with the names of `DecodedInvoice`, so that a decoded invoice can be encoded again. */
export interface InvoiceFields {
  readonly network: Network;
  /** Left out if the payer chooses the amount. */
  readonly amountMsat?: bigint | undefined;
  /** Fractions of a second are cut off, here and in `expiresAt`. */
  readonly timestamp: Date;
  /** Default: one hour after `timestamp`. */
  readonly expiresAt?: Date | undefined;
  /** 64 hex digits. */
  readonly paymentHash: string;
  /** 64 random hex digits. */
  readonly paymentSecret: string;
  /** A text of at most 639 bytes. Give either this or `descriptionHash`. */
  readonly description?: string | undefined;
  /** 64 hex digits. */
  readonly descriptionHash?: string | undefined;
  /** The public key of the signer, for readers that cannot recover it. */
  readonly payee?: string | undefined;
  /** Hex of at most 639 bytes. */
  readonly metadata?: string | undefined;
  /** Default 18. */
  readonly minFinalCltvExpiryDelta?: number | undefined;
  readonly fallbackAddresses?: readonly FallbackAddress[] | undefined;
  readonly routeHints?: readonly (readonly RouteHintHop[])[] | undefined;
  /** Default 8 and 14: without them, LDK refuses an invoice that has a payment secret. */
  readonly featureBits?: readonly number[] | undefined;
}

/** Encodes an invoice up to its signature. Throws an InvoiceMalformedError that names the invalid field. */
export function encodeInvoice(fields: InvoiceFields): UnsignedInvoice {
  const {
    description,
    descriptionHash,
    payee,
    metadata,
    minFinalCltvExpiryDelta = DEFAULT_MIN_FINAL_CLTV_EXPIRY_DELTA,
  } = fields;
  if ((description === undefined) === (descriptionHash === undefined))
    throw invalidField("Either description or descriptionHash must be given.");
  if (payee !== undefined && !isPublicKey(payee)) throw invalidField("payee must be a compressed public key in hex.");

  const timestamp = secondsOf(fields.timestamp, "timestamp");
  const expiresAt =
    fields.expiresAt === undefined ? timestamp + DEFAULT_EXPIRY_SECONDS : secondsOf(fields.expiresAt, "expiresAt");
  if (expiresAt < timestamp) throw invalidField("expiresAt must not be before timestamp.");

  const words = wordsOfInteger(timestamp, "timestamp");
  if (words.length > TIMESTAMP_LENGTH) throw invalidField("timestamp is too far in the future.");
  while (words.length < TIMESTAMP_LENGTH) words.unshift(0);

  const add = (type: number, data: readonly number[], name: string): void => {
    if (data.length > tag.MAX_FIELD_LENGTH) throw invalidField(`${name} is too long: a field has at most 639 bytes.`);
    words.push(type, data.length >> 5, data.length & 31, ...data);
  };
  const addHex = (type: number, hex: string, name: string, length?: number): void =>
    add(type, wordsOfBytes(bytesOfHex(hex, name, length)), name);

  // This is the order of most examples in the specification.
  addHex(tag.PAYMENT_SECRET, fields.paymentSecret, "paymentSecret", 32);
  addHex(tag.PAYMENT_HASH, fields.paymentHash, "paymentHash", 32);
  if (description !== undefined) add(tag.DESCRIPTION, wordsOfText(description, "description"), "description");
  if (descriptionHash !== undefined) addHex(tag.DESCRIPTION_HASH, descriptionHash, "descriptionHash", 32);
  if (metadata !== undefined) addHex(tag.METADATA, metadata, "metadata");
  if (expiresAt !== timestamp + DEFAULT_EXPIRY_SECONDS)
    add(tag.EXPIRY, wordsOfInteger(expiresAt - timestamp, "expiresAt"), "expiresAt");
  if (minFinalCltvExpiryDelta !== DEFAULT_MIN_FINAL_CLTV_EXPIRY_DELTA)
    add(
      tag.MIN_FINAL_CLTV_EXPIRY_DELTA,
      wordsOfInteger(minFinalCltvExpiryDelta, "minFinalCltvExpiryDelta"),
      "minFinalCltvExpiryDelta",
    );
  if (payee !== undefined) addHex(tag.PAYEE, payee, "payee", 33);
  for (const address of fields.fallbackAddresses ?? [])
    add(tag.FALLBACK_ADDRESS, writeFallbackAddress(address), "fallbackAddresses");
  for (const hops of fields.routeHints ?? []) add(tag.ROUTE_HINT, writeRouteHint(hops), "routeHints");
  const featureBits = writeFeatureBits(fields.featureBits ?? [8, 14]);
  if (featureBits.length) add(tag.FEATURE_BITS, featureBits, "featureBits");

  return createUnsignedInvoice(formatHumanReadablePart(fields.network, fields.amountMsat), Uint8Array.from(words));
}

function secondsOf(instant: Date, name: string): number {
  const milliseconds = instant instanceof Date ? instant.getTime() : Number.NaN;
  if (!(milliseconds >= 0)) throw invalidField(`${name} must be a Date after 1970.`);
  return Math.floor(milliseconds / 1000);
}
