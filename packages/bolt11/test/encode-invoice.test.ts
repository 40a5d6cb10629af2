import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeInvoice, encodeInvoice, type InvoiceFields } from "../src/index.ts";
import { VALID } from "./bolt11-vectors.ts";
import { invoiceFields } from "./invoice-fields.ts";
import { refusalOf } from "./refusal.ts";

const FIELDS: InvoiceFields = {
  network: "regtest",
  timestamp: new Date(1_790_000_000_000),
  paymentHash: "aa".repeat(32),
  paymentSecret: "bb".repeat(32),
  description: "tea",
};
const SIGNATURE = { signature: "0".repeat(128), recoveryId: 0 };
const HOP = {
  pubkey: `02${"00".repeat(32)}`,
  shortChannelId: "1x2x3",
  feeBaseMsat: 0,
  feeProportionalMillionths: 0,
  cltvExpiryDelta: 0,
};

const encoded = (fields: InvoiceFields) => encodeInvoice(fields).withSignature(SIGNATURE);
const decodedAgain = (fields: InvoiceFields) => decodeInvoice(encoded(fields));

describe("encodeInvoice", () => {
  it("has defaults that a node accepts", () => {
    expect(decodedAgain(FIELDS)).toStrictEqual({
      bolt11: encoded(FIELDS),
      network: "regtest",
      amountMsat: undefined,
      timestamp: new Date(1_790_000_000_000),
      expiresAt: new Date(1_790_003_600_000),
      paymentHash: "aa".repeat(32),
      paymentSecret: "bb".repeat(32),
      description: "tea",
      descriptionHash: undefined,
      payee: undefined,
      metadata: undefined,
      minFinalCltvExpiryDelta: 18,
      fallbackAddresses: [],
      routeHints: [],
      featureBits: [8, 14],
      ...SIGNATURE,
    });
  });

  it("writes fields that decode to the same", () => {
    fc.assert(
      fc.property(invoiceFields, (fields) => {
        expect(decodedAgain(fields)).toStrictEqual({ ...fields, bolt11: encoded(fields), ...SIGNATURE });
      }),
      { numRuns: 500 },
    );
  });

  it.each(VALID)("encodes again: $title", ({ bolt11, isInOurOrder }) => {
    const decoded = decodeInvoice(bolt11);
    const again = encodeInvoice(decoded).withSignature(decoded);
    expect(decodeInvoice(again)).toStrictEqual({ ...decoded, bolt11: again });
    if (isInOurOrder) expect(again).toBe(bolt11);
    else expect(again).not.toBe(bolt11);
  });

  it("cuts off fractions of a second and accepts hex in upper case", () => {
    const fields = {
      ...FIELDS,
      timestamp: new Date(1_790_000_000_999),
      expiresAt: new Date(1_790_000_060_001),
      paymentHash: "AA".repeat(32),
    };
    const { timestamp, expiresAt, paymentHash } = decodedAgain(fields);
    expect([timestamp.getTime(), expiresAt.getTime(), paymentHash]).toEqual([
      1_790_000_000_000,
      1_790_000_060_000,
      "aa".repeat(32),
    ]);
  });

  it("leaves out features only when asked to", () => {
    expect(decodedAgain({ ...FIELDS, featureBits: [] }).featureBits).toEqual([]);
    expect(decodedAgain({ ...FIELDS, featureBits: [17, 8, 14, 8] }).featureBits).toEqual([8, 14, 17]);
  });

  it("fits a description of 639 bytes and several routes", () => {
    const fields = { ...FIELDS, description: "é".repeat(319), routeHints: new Array(20).fill([HOP, HOP]) };
    expect(decodedAgain(fields)).toMatchObject({ description: fields.description, routeHints: fields.routeHints });
    expect(refusalOf(() => encodeInvoice({ ...fields, routeHints: new Array(40).fill([HOP, HOP]) })).message).toContain(
      "7089",
    );
    expect(refusalOf(() => encodeInvoice({ ...fields, routeHints: new Array(5000).fill([HOP]) })).message).toContain(
      "7089",
    );
  });

  const NO_FIELD = undefined as never;
  it.each<[string, Partial<Record<keyof InvoiceFields, unknown>>]>([
    ["network", { network: "mainnet" }],
    ["network", { network: NO_FIELD }],
    ["amountMsat", { amountMsat: 0n }],
    ["amountMsat", { amountMsat: 1000 }],
    ["timestamp", { timestamp: new Date(Number.NaN) }],
    ["timestamp", { timestamp: new Date(-1000) }],
    ["timestamp", { timestamp: 1_790_000_000 }],
    ["timestamp", { timestamp: new Date(2 ** 35 * 1000) }],
    ["expiresAt must not be before timestamp", { expiresAt: new Date(1_789_999_999_999) }],
    ["expiresAt", { expiresAt: new Date(Number.NaN) }],
    ["paymentHash", { paymentHash: "aa" }],
    ["paymentHash", { paymentHash: "zz".repeat(32) }],
    ["paymentHash", { paymentHash: NO_FIELD }],
    ["paymentSecret", { paymentSecret: `${"bb".repeat(32)}\n` }],
    ["paymentSecret", { paymentSecret: NO_FIELD }],
    ["description", { description: NO_FIELD }],
    ["description", { descriptionHash: "cc".repeat(32) }],
    ["description", { description: "a".repeat(640) }],
    ["description", { description: "é".repeat(320) }],
    ["description", { description: "\ud800" }],
    ["description", { description: "a\udc00b" }],
    ["description", { description: 5 }],
    ["descriptionHash", { description: undefined, descriptionHash: "cc" }],
    ["payee", { payee: "05".repeat(33) }],
    ["payee", { payee: "02" }],
    ["metadata", { metadata: "abc" }],
    ["metadata", { metadata: "00".repeat(640) }],
    ["minFinalCltvExpiryDelta", { minFinalCltvExpiryDelta: -1 }],
    ["minFinalCltvExpiryDelta", { minFinalCltvExpiryDelta: 1.5 }],
    ["minFinalCltvExpiryDelta", { minFinalCltvExpiryDelta: 2 ** 53 }],
    ["fallbackAddresses", { fallbackAddresses: [{ version: 19, program: "00".repeat(20) }] }],
    ["fallbackAddresses", { fallbackAddresses: [{ version: 0, program: "00".repeat(21) }] }],
    ["fallbackAddresses", { fallbackAddresses: [{ version: 17, program: "xx" }] }],
    ["routeHints", { routeHints: [[]] }],
    ["routeHints.pubkey", { routeHints: [[{ ...HOP, pubkey: "00".repeat(33) }]] }],
    ["routeHints.shortChannelId", { routeHints: [[{ ...HOP, shortChannelId: "1x2" }]] }],
    ["routeHints.shortChannelId", { routeHints: [[{ ...HOP, shortChannelId: "16777216x0x0" }]] }],
    ["routeHints.shortChannelId", { routeHints: [[{ ...HOP, shortChannelId: "0x0x65536" }]] }],
    ["routeHints.feeBaseMsat", { routeHints: [[{ ...HOP, feeBaseMsat: 2 ** 32 }]] }],
    ["routeHints.feeProportionalMillionths", { routeHints: [[{ ...HOP, feeProportionalMillionths: -1 }]] }],
    ["routeHints.cltvExpiryDelta", { routeHints: [[{ ...HOP, cltvExpiryDelta: 0.5 }]] }],
    ["featureBits", { featureBits: [100] }],
    ["featureBits", { featureBits: [-1] }],
    ["featureBits", { featureBits: [5115] }],
  ])("refuses a wrong %s: %o", (name, change) => {
    const error = refusalOf(() => encodeInvoice({ ...FIELDS, ...change } as InvoiceFields));
    expect(error.message).toContain(name);
    expect(error.hint).toBe("Correct the field that the message names.");
  });

  it("refuses signatures that no invoice can hold", () => {
    const unsigned = encodeInvoice(FIELDS);
    for (const recoveryId of [-1, 4, 0.5, Number.NaN]) {
      expect(refusalOf(() => unsigned.withSignature({ ...SIGNATURE, recoveryId })).message).toContain("recoveryId");
    }
    expect(refusalOf(() => unsigned.withSignature({ ...SIGNATURE, signature: "00" })).message).toContain("signature");
  });
});
