import { describe, expect, it } from "vitest";
import { decodeInvoice, summarizeInvoice } from "../src/index.ts";
import { wordsOfInteger } from "../src/write-words.ts";
import { INVALID } from "./bolt11-invalid-vectors.ts";
import { describePartOfDecodeInvoice } from "./part-of-decode-invoice.ts";
import { field, REQUIRED, rawInvoice } from "./raw-invoice.ts";
import { refusalOf } from "./refusal.ts";

const messageOf = (bolt11: string) => refusalOf(() => summarizeInvoice(bolt11)).message;
const zeros = (length: number) => new Array<number>(length).fill(0);

describePartOfDecodeInvoice(summarizeInvoice, (invoice) => {
  const { bolt11, network, amountMsat, paymentHash, timestamp, expiresAt } = invoice;
  return { bolt11, network, amountMsat, paymentHash, timestamp, expiresAt };
});

describe("summarizeInvoice refuses", () => {
  const OF_OTHER_FIELDS = ["feature 100", "no payment secret"];

  it.each(INVALID.filter(({ isSignatureOnly, reason }) => !isSignatureOnly && !OF_OTHER_FIELDS.includes(reason)))(
    "the specification's example: $title",
    ({ bolt11, reason }) => {
      expect(messageOf(bolt11)).toContain(reason);
    },
  );

  it("what is no string, is too long, or is of something else", () => {
    for (const value of [undefined, null, 5, {}, new String(rawInvoice())]) {
      expect(messageOf(value as string)).toBe("The invoice is not a string.");
    }
    expect(messageOf(" ".repeat(10_000_000))).toContain("7089");
    expect(messageOf("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4")).toContain("not a BOLT11 invoice");
    expect(messageOf(rawInvoice({ prefix: "lnbcm" }))).toContain("network");
    expect(messageOf(rawInvoice({ prefix: "lnbc010u" }))).toContain("amount");
    expect(messageOf(rawInvoice({ required: [], timestamp: zeros(6) }))).toContain("too short");
  });

  it("every changed character", () => {
    const bolt11 = rawInvoice();
    for (let i = 0; i < bolt11.length; i++) {
      refusalOf(() => summarizeInvoice(bolt11.slice(0, i) + (bolt11[i] === "q" ? "p" : "q") + bolt11.slice(i + 1)));
    }
  });

  it("fields that are cut off", () => {
    for (const rest of [[2], [2, 0], [2, 0, 1], [2, 31, 31, 0, 0]]) {
      expect(messageOf(rawInvoice({ fields: [rest] }))).toContain("cut off");
    }
  });

  it("no payment hash, one of a wrong length only, and one with other padding than zeros", () => {
    const { hash, secret, description } = REQUIRED;
    expect(messageOf(rawInvoice({ required: [secret, description] }))).toContain("no payment hash");
    expect(messageOf(rawInvoice({ required: [field("p", zeros(51)), secret] }))).toContain("no payment hash");
    const padded = field("p", [...zeros(51), 1]);
    expect(messageOf(rawInvoice({ required: [padded, hash, secret, description] }))).toContain("padding");
  });

  it("an expiry with leading zeros or out of range", () => {
    expect(messageOf(rawInvoice({ fields: [field("x", [0, 1])] }))).toContain("leading zeros");
    expect(messageOf(rawInvoice({ fields: [field("x", [1, ...zeros(1022)])] }))).toContain("out of range");
    const late = field("x", wordsOfInteger(8.64e12, "x"));
    expect(messageOf(rawInvoice({ fields: [late] }))).toContain("expiry");
  });
});

describe("summarizeInvoice leaves to decodeInvoice", () => {
  it("the fields that only a payer needs", () => {
    const { hash } = REQUIRED;
    const signature = [...zeros(103), 31];
    const text = rawInvoice({ required: [hash], fields: [field("9", [1, ...zeros(20)])], signature });
    expect(summarizeInvoice(text).paymentHash).toBe("aa".repeat(32));
    refusalOf(() => decodeInvoice(text));
  });
});
