import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeBech32 } from "../src/bech32.ts";
import { decodeInvoice, encodeInvoice } from "../src/index.ts";
import { VALID } from "./bolt11-vectors.ts";
import { rawInvoice } from "./raw-invoice.ts";
import { refusalOf } from "./refusal.ts";

const CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const SAMPLES = VALID.map(({ bolt11 }) => bolt11);

/** Decodes, or fails in the one allowed way, with a message that holds no part of the text. */
function decodeOrRefuse(text: string): "decoded" | "refused" {
  let message: string;
  try {
    decodeInvoice(text);
    return "decoded";
  } catch (error) {
    message = refusalOf(() => {
      throw error;
    }).message;
  }
  const parts = Array.from({ length: Math.ceil(text.length / 8) }, (_, i) => text.slice(8 * i, 8 * i + 12));
  expect(parts.filter((part) => part.length === 12 && message.includes(part))).toEqual([]);
  expect(message.length).toBeLessThan(120);
  return "refused";
}

describe("decodeInvoice, fed with anything,", () => {
  it("refuses arbitrary strings", () => {
    const strings = fc.oneof(
      fc.string({ unit: "binary", maxLength: 150 }),
      // Lone surrogates included.
      fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 150 }).map((codes) => String.fromCharCode(...codes)),
      fc
        .string({ unit: fc.constantFrom(...CHARSET, "1", "l", "n", "b", "c"), maxLength: 200 })
        .map((text) => `lnbc1${text}`),
    );
    fc.assert(
      fc.property(strings, (text) => {
        expect(decodeOrRefuse(text)).toBe("refused");
      }),
      { numRuns: 12_000 },
    );
  });

  it("refuses every invoice with a changed, lost or added character", () => {
    const edits = fc.record({
      sample: fc.constantFrom(...SAMPLES),
      at: fc.nat(),
      removed: fc.constantFrom(0, 1, 1, 1),
      added: fc.oneof(fc.constantFrom(...CHARSET, "1", "B", " "), fc.string({ unit: "binary", maxLength: 2 })),
    });
    fc.assert(
      fc.property(edits, ({ sample, at, removed, added }) => {
        const i = at % sample.length;
        const edited = sample.slice(0, i) + added + sample.slice(i + removed);
        fc.pre(edited.trim() !== sample);
        expect(decodeOrRefuse(edited)).toBe("refused");
      }),
      { numRuns: 10_000 },
    );
  });

  it("decodes or refuses mutated data under a valid checksum", () => {
    const outcomes = { decoded: 0, refused: 0 };
    const words = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 31 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...SAMPLES), words, fc.nat({ max: 40 }), (sample, changes, cut) => {
        const text = sample.toLowerCase();
        const separator = text.lastIndexOf("1");
        const data = Array.from(text.slice(separator + 1, -6), (character) => CHARSET.indexOf(character));
        for (const [at, word] of changes) data[at % data.length] = word;
        const kept = cut < 30 ? data : data.slice(0, -(cut - 29) * 10);
        outcomes[decodeOrRefuse(encodeBech32(text.slice(0, separator), Uint8Array.from(kept)))]++;
      }),
      { numRuns: 10_000 },
    );
    // Both paths were taken often.
    expect(Math.min(outcomes.decoded, outcomes.refused)).toBeGreaterThan(1_000);
  });

  it("decodes or refuses random fields, and what it decodes can be encoded again", () => {
    const tags = fc.constantFrom(...Array.from({ length: 32 }, (_, tag) => tag));
    const randomField = fc
      .tuple(
        tags,
        fc.oneof(fc.array(fc.nat({ max: 31 }), { maxLength: 60 }), fc.constant(new Array<number>(52).fill(0))),
      )
      .map(([tag, data]) => [tag, data.length >> 5, data.length & 31, ...data]);
    let decoded = 0;
    fc.assert(
      fc.property(fc.array(randomField, { maxLength: 5 }), (fields) => {
        const text = rawInvoice({ fields });
        if (decodeOrRefuse(text) === "refused") return;
        decoded++;
        const invoice = decodeInvoice(text);
        const again = encodeInvoice(invoice).withSignature(invoice);
        const { bolt11, ...values } = decodeInvoice(again);
        expect({ ...values, bolt11: text }).toStrictEqual(invoice);
        expect(bolt11).toBe(again);
      }),
      { numRuns: 5_000 },
    );
    expect(decoded).toBeGreaterThan(200);
  });

  it("refuses other values than strings", () => {
    const values = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true });
    fc.assert(
      fc.property(
        values.filter((value) => typeof value !== "string"),
        (value) => {
          expect(refusalOf(() => decodeInvoice(value as string)).message).toBe("The invoice is not a string.");
        },
      ),
      { numRuns: 2_000 },
    );
    const hostile = { toString: () => SAMPLES[0], length: 10, trim: () => SAMPLES[0] };
    for (const value of [new String(SAMPLES[0]), hostile, Symbol("lnbc"), undefined, null]) {
      expect(refusalOf(() => decodeInvoice(value as string)).message).toBe("The invoice is not a string.");
    }
  });

  it("refuses 10 MB at once", () => {
    const texts = [" ", "q", "1", "l", "lightning:", "\ud800", "lnbc1"].map((part) =>
      part.repeat(10_000_000 / part.length),
    );
    const start = performance.now();
    for (const text of texts) expect(refusalOf(() => decodeInvoice(text)).message).toContain("7089");
    expect(performance.now() - start).toBeLessThan(100);
  });

  it("needs no more than linear time for the longest texts", () => {
    const fields = (word: number, length: number) => rawInvoice({ fields: [new Array<number>(length).fill(word)] });
    const texts = [
      `${"lightning:".repeat(700)}x`,
      `lnbc${"9".repeat(7000)}1qqqqqq`,
      encodeBech32(`lnbc${"9".repeat(6000)}`, new Uint8Array(1000)),
      `lnbc1${"1".repeat(7000)}`,
      // As many empty fields, feature bits, addresses and routes as fit.
      ...[0, 1, 3, 5, 9, 13, 24, 27, 31].map((tag) =>
        rawInvoice({ fields: Array.from({ length: 2000 }, () => [tag, 0, 0]) }),
      ),
      fields(31, 6000),
      fields(5, 6000),
    ];
    const start = performance.now();
    for (const text of texts) for (let i = 0; i < 20; i++) decodeOrRefuse(text);
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
