import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DecodedInvoice, decodeInvoice, decodePayable, encodeInvoice, type PayableInvoice } from "../src/index.ts";
import { INVALID } from "./bolt11-invalid-vectors.ts";
import { VALID } from "./bolt11-vectors.ts";
import { invoiceFields } from "./invoice-fields.ts";
import { field, REQUIRED, rawInvoice } from "./raw-invoice.ts";
import { refusalOf } from "./refusal.ts";

const messageOf = (bolt11: string) => refusalOf(() => decodePayable(bolt11)).message;
const zeros = (length: number) => new Array<number>(length).fill(0);
const partOf = (invoice: DecodedInvoice): PayableInvoice => {
  const { bolt11, network, amountMsat, paymentHash, timestamp, expiresAt, description } = invoice;
  return { bolt11, network, amountMsat, paymentHash, timestamp, expiresAt, description };
};

describe("decodePayable says what decodeInvoice does", () => {
  it.each(VALID)("of the specification's example: $title", ({ bolt11 }) => {
    expect(decodePayable(bolt11)).toStrictEqual(partOf(decodeInvoice(bolt11)));
  });

  it("of every invoice that can be written", () => {
    fc.assert(
      fc.property(invoiceFields, (fields) => {
        const text = encodeInvoice(fields).withSignature({ signature: "00".repeat(64), recoveryId: 0 });
        expect(decodePayable(text)).toStrictEqual(partOf(decodeInvoice(text)));
      }),
      { numRuns: 1_000 },
    );
  });

  it("of random fields, wherever decodeInvoice accepts them", () => {
    const randomField = fc
      .tuple(fc.nat({ max: 31 }), fc.oneof(fc.array(fc.nat({ max: 31 }), { maxLength: 60 }), fc.constant(zeros(52))))
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
        expect(decodePayable(text)).toStrictEqual(partOf(invoice));
      }),
      { numRuns: 3_000 },
    );
    expect(decoded).toBeGreaterThan(200);
  });
});

describe("decodePayable", () => {
  it.each(INVALID.filter(({ isSignatureOnly }) => !isSignatureOnly))(
    "refuses the specification's example: $title",
    ({ bolt11, reason }) => {
      expect(messageOf(bolt11)).toContain(reason);
    },
  );

  it("refuses every changed character, and a description that is no text", () => {
    const bolt11 = rawInvoice();
    for (let i = 0; i < bolt11.length; i++) {
      refusalOf(() => decodePayable(bolt11.slice(0, i) + (bolt11[i] === "q" ? "p" : "q") + bolt11.slice(i + 1)));
    }
    const { hash, secret } = REQUIRED;
    expect(messageOf(rawInvoice({ required: [hash, secret, field("d", [31, 28])] }))).toContain("UTF-8");
  });

  it("leaves the way to the payee to the wallet", () => {
    const text = rawInvoice({ fields: [field("r", zeros(8))], signature: [...zeros(103), 31] });
    expect(decodePayable(text).paymentHash).toBe("aa".repeat(32));
    refusalOf(() => decodeInvoice(text));
  });
});
