import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DecodedInvoice, decodeInvoice, encodeInvoice } from "../src/index.ts";
import { VALID } from "./bolt11-vectors.ts";
import { invoiceFields } from "./invoice-fields.ts";
import { REQUIRED, rawInvoice } from "./raw-invoice.ts";

/** Holds a reader of a part of an invoice against `decodeInvoice`: `partOf` is what it has to answer. */
export function describePartOfDecodeInvoice(
  read: (bolt11: string) => unknown,
  partOf: (invoice: DecodedInvoice) => unknown,
): void {
  describe(`${read.name} says what decodeInvoice does`, () => {
    it.each(VALID)("of the specification's example: $title", ({ bolt11 }) => {
      expect(read(bolt11)).toStrictEqual(partOf(decodeInvoice(bolt11)));
    });

    it("of every invoice that can be written, however it is spelt", () => {
      const signature = { signature: "00".repeat(64), recoveryId: 0 };
      const spellings = fc.constantFrom(
        (text: string) => text,
        (text: string) => text.toUpperCase(),
        (text: string) => ` lightning:${text}\n`,
      );
      fc.assert(
        fc.property(invoiceFields, spellings, (fields, spell) => {
          const text = spell(encodeInvoice(fields).withSignature(signature));
          expect(read(text)).toStrictEqual(partOf(decodeInvoice(text)));
        }),
        { numRuns: 1_000 },
      );
    });

    it("of random fields, wherever decodeInvoice accepts them", () => {
      const hash = fc.constant(new Array<number>(52).fill(0));
      const randomField = fc
        .tuple(fc.nat({ max: 31 }), fc.oneof(fc.array(fc.nat({ max: 31 }), { maxLength: 60 }), hash))
        .map(([tag, data]) => [tag, data.length >> 5, data.length & 31, ...data]);
      let decoded = 0;
      fc.assert(
        fc.property(fc.array(randomField, { maxLength: 5 }), fc.boolean(), (fields, isBefore) => {
          const required = Object.values(REQUIRED);
          const text = rawInvoice({ required: isBefore ? [...fields, ...required] : [...required, ...fields] });
          let invoice: DecodedInvoice;
          try {
            invoice = decodeInvoice(text);
          } catch {
            return;
          }
          decoded++;
          expect(read(text)).toStrictEqual(partOf(invoice));
        }),
        { numRuns: 3_000 },
      );
      expect(decoded).toBeGreaterThan(200);
    });
  });
}
