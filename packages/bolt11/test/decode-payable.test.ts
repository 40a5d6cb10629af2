import { describe, expect, it } from "vitest";
import { decodeInvoice, decodePayable } from "../src/index.ts";
import { INVALID } from "./bolt11-invalid-vectors.ts";
import { describePartOfDecodeInvoice } from "./part-of-decode-invoice.ts";
import { field, REQUIRED, rawInvoice } from "./raw-invoice.ts";
import { refusalOf } from "./refusal.ts";

const messageOf = (bolt11: string) => refusalOf(() => decodePayable(bolt11)).message;
const zeros = (length: number) => new Array<number>(length).fill(0);

describePartOfDecodeInvoice(decodePayable, (invoice) => {
  const { bolt11, network, amountMsat, paymentHash, timestamp, expiresAt, description } = invoice;
  return { bolt11, network, amountMsat, paymentHash, timestamp, expiresAt, description };
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
