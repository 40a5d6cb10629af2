import { describe, expect, it } from "vitest";
import { decodeInvoice } from "../src/index.ts";
import { INVALID } from "./bolt11-invalid-vectors.ts";
import { VALID } from "./bolt11-vectors.ts";
import { field, rawInvoice } from "./raw-invoice.ts";
import { refusalOf } from "./refusal.ts";

const messageOf = (bolt11: string) => refusalOf(() => decodeInvoice(bolt11)).message;
const zeros = (length: number) => new Array<number>(length).fill(0);

describe("examples of the specification", () => {
  it("are 16 valid and 10 invalid ones", () => {
    expect([VALID.length, INVALID.length]).toEqual([16, 10]);
  });

  it.each(VALID)("decodes: $title", ({ bolt11, decoded }) => {
    const invoice = decodeInvoice(bolt11);
    const { signature, recoveryId } = invoice;
    expect(invoice).toStrictEqual({ signature, recoveryId, bolt11: bolt11.toLowerCase(), ...decoded });
    expect(signature).toMatch(/^[0-9a-f]{128}$/);
    expect([0, 1]).toContain(recoveryId);
  });

  it.each(INVALID.filter(({ isSignatureOnly }) => !isSignatureOnly))("refuses: $title", ({ bolt11, reason }) => {
    expect(messageOf(bolt11)).toContain(reason);
  });
});

describe("the text", () => {
  const bolt11 = rawInvoice();

  it("may have white space around it and a scheme", () => {
    for (const text of [` ${bolt11}\r\n`, `lightning:${bolt11}`, `\tLIGHTNING:${bolt11.toUpperCase()} `]) {
      expect(decodeInvoice(text)).toStrictEqual(decodeInvoice(bolt11));
    }
  });

  it("may have no other scheme and nothing inside", () => {
    for (const text of [`lightning://${bolt11}`, `bitcoin:${bolt11}`, `lightning:lightning:${bolt11}`]) {
      expect(messageOf(text)).toContain("not a BOLT11 invoice");
    }
    expect(messageOf(`lightning: ${bolt11}`)).toContain("not a BOLT11 invoice");
    expect(messageOf(`${bolt11.slice(0, 50)} ${bolt11.slice(50)}`)).toContain("invalid character");
  });

  it("may be in upper case, but not in both", () => {
    expect(decodeInvoice(bolt11.toUpperCase())).toStrictEqual(decodeInvoice(bolt11));
    for (let i = 0; i < bolt11.length; i++) {
      const character = bolt11.charAt(i);
      if (character === character.toUpperCase()) continue;
      const mixed = bolt11.slice(0, i) + character.toUpperCase() + bolt11.slice(i + 1);
      expect(messageOf(mixed)).toMatch(/mixed case|checksum|network/);
      expect(refusalOf(() => decodeInvoice(mixed.replace(/./g, swapCase)))).toBeDefined();
    }
  });

  it("may not have letters that become ASCII in the other case", () => {
    // U+212A is "k" in lower case, U+017F is "S" in upper case.
    expect(messageOf(bolt11.toUpperCase().replace("K", "\u212a"))).toContain("invalid character");
    expect(messageOf(bolt11.replace("s", "\u017f"))).toContain("invalid character");
    expect(messageOf(bolt11.replace("10u", "10\u017f"))).toContain("checksum is wrong");
  });

  it("may have 7089 characters, and not one more", () => {
    const filler = (words: number) => field("2", zeros(words));
    const missing = 7089 - bolt11.length;
    const fields = [...Array.from({ length: 6 }, () => filler(1000)), filler(missing - 6 * 1003 - 3)];
    const longest = rawInvoice({ fields });
    expect(longest).toHaveLength(7089);
    expect(decodeInvoice(longest).description).toBe("tea");
    expect(messageOf(`${longest} `)).toContain("7089");
  });
});

describe("the prefix", () => {
  it.each([
    ["lnbc", "bitcoin"],
    ["lntb", "testnet"],
    ["lntbs", "signet"],
    ["lnbcrt", "regtest"],
    ["lnsb", "simnet"],
  ])("%s is for %s", (prefix, network) => {
    expect(decodeInvoice(rawInvoice({ prefix }))).toMatchObject({ network, amountMsat: undefined });
    expect(decodeInvoice(rawInvoice({ prefix: `${prefix}15n` }))).toMatchObject({ network, amountMsat: 1_500n });
  });

  it.each(["lnbcr", "lnbcrts", "lnbcm", "lnbc x", "lntbs!", "lnsbx10u"])("%s is of no network", (prefix) => {
    expect(messageOf(rawInvoice({ prefix }))).toContain("network");
  });

  it.each(["ln", "lno", "bc", "lnb", "lnltc", "xlnbc", "ln10u", "10u"])("%s is of no invoice", (prefix) => {
    expect(messageOf(rawInvoice({ prefix }))).toContain("not a BOLT11 invoice");
  });

  it("1 BTC: the last 1 is the separator", () => {
    const invoice = rawInvoice({ prefix: "lnbc1" });
    expect(invoice).toMatch(/^lnbc11/);
    expect(decodeInvoice(invoice).amountMsat).toBe(100_000_000_000n);
  });

  it("the amount is refused as strictly as amount.ts does", () => {
    expect(messageOf(rawInvoice({ prefix: "lnbc010u" }))).toContain("amount");
    expect(messageOf(rawInvoice({ prefix: "lnbc1x" }))).toContain("amount");
  });
});

describe("structure", () => {
  it("refuses fields that are cut off", () => {
    for (const rest of [[2], [2, 0], [2, 0, 1], [2, 31, 31, 0, 0]]) {
      expect(messageOf(rawInvoice({ fields: [rest] }))).toContain("cut off");
    }
  });

  it("skips unknown fields of any length", () => {
    const fields = [field("2", []), field("q", zeros(1023)), field("l", [31])];
    expect(decodeInvoice(rawInvoice({ fields })).description).toBe("tea");
  });

  it("refuses what cannot hold a timestamp and a signature", () => {
    const unfilled = { required: [], timestamp: zeros(6) };
    expect(messageOf(rawInvoice(unfilled))).toContain("too short");
    expect(messageOf(rawInvoice({ required: [], timestamp: zeros(7) }))).toContain("no payment hash");
    expect(messageOf("lnbc1qqqqq")).toContain("too short");
    expect(messageOf("lnbc1")).toContain("too short");
  });

  it("refuses recovery ids above 3", () => {
    for (let id = 0; id < 256; id++) {
      const signature = [...zeros(102), id >> 5, id & 31];
      if (id < 4) expect(decodeInvoice(rawInvoice({ signature })).recoveryId).toBe(id);
      else expect(messageOf(rawInvoice({ signature }))).toContain("recovery id");
    }
  });
});

const swapCase = (character: string) =>
  character === character.toUpperCase() ? character.toLowerCase() : character.toUpperCase();
