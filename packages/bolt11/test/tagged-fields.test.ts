import { describe, expect, it } from "vitest";
import { decodeInvoice } from "../src/index.ts";
import { wordsOfBytes, wordsOfInteger } from "../src/write-words.ts";
import { field, REQUIRED, rawInvoice, textWords } from "./raw-invoice.ts";
import { refusalOf } from "./refusal.ts";

const messageOf = (bolt11: string) => refusalOf(() => decodeInvoice(bolt11)).message;
const zeros = (length: number) => new Array<number>(length).fill(0);
const KEY = `02${"cc".repeat(32)}`;
const keyWords = wordsOfBytes(Uint8Array.from([2, ...new Array<number>(32).fill(0xcc)]));

describe("hash, secret, description and payee", () => {
  const { hash, secret, description } = REQUIRED;
  const descriptionHash = field("h", wordsOfBytes(new Uint8Array(32).fill(0xdd)));

  it("hash and secret are needed", () => {
    expect(messageOf(rawInvoice({ required: [secret, description] }))).toContain("no payment hash");
    expect(messageOf(rawInvoice({ required: [hash, description] }))).toContain("no payment secret");
  });

  it("either a description or a description hash is needed", () => {
    expect(messageOf(rawInvoice({ required: [hash, secret] }))).toContain("either a description");
    expect(messageOf(rawInvoice({ fields: [descriptionHash] }))).toContain("either a description");
    const invoice = decodeInvoice(rawInvoice({ required: [hash, secret, descriptionHash] }));
    expect(invoice).toMatchObject({ description: undefined, descriptionHash: "dd".repeat(32) });
  });

  it.each(["p", "s", "h", "n"])("%s of a wrong length is skipped", (tag) => {
    const length = tag === "n" ? 53 : 52;
    const fields = [length - 1, length + 1, 0].map((wrong) => field(tag, zeros(wrong)));
    const required = [...fields, hash, secret, description];
    expect(decodeInvoice(rawInvoice({ required }))).toStrictEqual({
      ...decodeInvoice(rawInvoice()),
      bolt11: rawInvoice({ required }),
    });
  });

  it("the first of several counts", () => {
    const other = wordsOfBytes(new Uint8Array(32).fill(1));
    const fields = [field("p", other), field("s", other), field("d", textWords("coffee"))];
    expect(decodeInvoice(rawInvoice({ fields }))).toMatchObject({
      paymentHash: "aa".repeat(32),
      paymentSecret: "bb".repeat(32),
      description: "tea",
    });
    const hashes = [field("h", other), field("h", wordsOfBytes(new Uint8Array(32)))];
    const payees = [field("n", keyWords), field("n", wordsOfBytes([3, ...new Array<number>(32).fill(1)]))];
    expect(decodeInvoice(rawInvoice({ required: [hash, secret, ...hashes, ...payees] }))).toMatchObject({
      descriptionHash: "01".repeat(32),
      payee: KEY,
    });
    const numbers = [field("x", [2]), field("x", [3]), field("c", [4]), field("c", [5])];
    const features = [field("9", [8, 0]), field("9", [1, 0]), field("m", [16, 0]), field("m", [0, 0])];
    expect(decodeInvoice(rawInvoice({ fields: [...numbers, ...features] }))).toMatchObject({
      expiresAt: new Date((1_496_314_658 + 2) * 1000),
      minFinalCltvExpiryDelta: 4,
      featureBits: [8],
      metadata: "80",
    });
  });

  it("a description is UTF-8, to the letter", () => {
    const decoded = (words: number[]) =>
      decodeInvoice(rawInvoice({ required: [hash, secret, field("d", words)] })).description;
    for (const text of ["", "\0", "é", "ナンセンス 1杯", "🍵", "\ufeffmark", "</script>", "a".repeat(639)]) {
      expect(decoded(textWords(text))).toBe(text);
    }
    for (const bytes of [[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [65, 0x80]]) {
      expect(refusalOf(() => decoded(wordsOfBytes(bytes))).message).toContain("UTF-8");
    }
  });

  it("a payee looks like a public key", () => {
    expect(decodeInvoice(rawInvoice({ fields: [field("n", keyWords)] })).payee).toBe(KEY);
    expect(messageOf(rawInvoice({ fields: [field("n", zeros(53))] }))).toContain("payee");
  });

  it("padding is zeros, and never a whole word", () => {
    const withLast = (tag: string, words: number[], last: number) => field(tag, [...words.slice(0, -1), last]);
    const hashWords = wordsOfBytes(new Uint8Array(32));
    for (const tag of ["p", "s", "h"]) {
      const required = [withLast(tag, hashWords, 1), hash, secret, description];
      expect(messageOf(rawInvoice({ required }))).toContain("padding");
    }
    expect(messageOf(rawInvoice({ fields: [withLast("n", keyWords, 25)] }))).toContain("padding");
    expect(messageOf(rawInvoice({ fields: [field("m", [31, 31])] }))).toContain("padding");
    expect(messageOf(rawInvoice({ fields: [field("m", [0])] }))).toContain("padding");
    expect(messageOf(rawInvoice({ fields: [field("m", [31, 28, 0])] }))).toContain("padding");
  });
});

describe("numbers", () => {
  const seconds = (invoice: string) => decodeInvoice(invoice).expiresAt.getTime() / 1000;
  const expiry = (value: number) => rawInvoice({ fields: [field("x", wordsOfInteger(value, "x"))] });

  it("expiry is one hour, or what it says, also when that is nothing", () => {
    expect(seconds(rawInvoice())).toBe(1_496_314_658 + 3600);
    for (const value of [0, 1, 31, 32, 3600, 604_800, 2 ** 32])
      expect(seconds(expiry(value))).toBe(1_496_314_658 + value);
  });

  it("expiry ends where Date ends", () => {
    const last = 8.64e12 - 1_496_314_658;
    expect(decodeInvoice(expiry(last)).expiresAt.toISOString()).toBe("+275760-09-13T00:00:00.000Z");
    expect(messageOf(expiry(last + 1))).toContain("expiry");
    expect(messageOf(expiry(Number.MAX_SAFE_INTEGER))).toContain("expiry");
    for (const length of [11, 12, 13, 14, 1022]) {
      expect(messageOf(rawInvoice({ fields: [field("x", [1, ...zeros(length)])] }))).toContain("out of range");
    }
  });

  it("timestamps are 35 bits", () => {
    expect(decodeInvoice(rawInvoice({ timestamp: zeros(7) })).timestamp.getTime()).toBe(0);
    const last = decodeInvoice(rawInvoice({ timestamp: zeros(7).fill(31) }));
    expect(last.timestamp.getTime()).toBe((2 ** 35 - 1) * 1000);
    expect(last.expiresAt.getTime()).toBe((2 ** 35 - 1 + 3600) * 1000);
  });

  it("final CLTV delta is 18, or what it says", () => {
    expect(decodeInvoice(rawInvoice()).minFinalCltvExpiryDelta).toBe(18);
    expect(decodeInvoice(rawInvoice({ fields: [field("c", [2, 16])] })).minFinalCltvExpiryDelta).toBe(80);
    expect(messageOf(rawInvoice({ fields: [field("c", zeros(12).fill(31))] }))).toContain("out of range");
  });

  it.each(["x", "c", "9"])("%s may not start with a zero", (tag) => {
    for (const words of [[0], [0, 1], [0, 8, 0]]) {
      expect(messageOf(rawInvoice({ fields: [field(tag, words)] }))).toContain("leading zeros");
    }
  });
});

describe("features", () => {
  const withBit = (bit: number) => {
    const words = zeros(Math.floor(bit / 5) + 1);
    words[0] = 1 << (bit % 5);
    return rawInvoice({ fields: [field("9", words)] });
  };

  it("lists known bits and unknown odd bits", () => {
    for (const bit of [8, 14, 16, 24, 36, 48, 1, 9, 15, 17, 99, 101, 5113]) {
      expect(decodeInvoice(withBit(bit)).featureBits).toEqual([bit]);
    }
    expect(decodeInvoice(rawInvoice({ fields: [field("9", [])] })).featureBits).toEqual([]);
  });

  it("refuses unknown even bits and names them", () => {
    for (const bit of [0, 2, 12, 18, 30, 100, 260, 5114]) expect(messageOf(withBit(bit))).toContain(`feature ${bit}.`);
  });
});

describe("fallback addresses and route hints", () => {
  const address = (version: number, length: number) =>
    field("f", [version, ...wordsOfBytes(new Uint8Array(length).fill(7))]);
  const fallbacks = (...fields: number[][]) => decodeInvoice(rawInvoice({ fields })).fallbackAddresses;

  it("keeps addresses in their order and skips versions to come", () => {
    const fields = [
      address(18, 20),
      ...[19, 25, 31].map((version) => address(version, 20)),
      address(17, 20),
      address(16, 40),
    ];
    expect(fallbacks(...fields, field("f", [19])).map(({ version }) => version)).toEqual([18, 17, 16]);
    expect(fallbacks(address(1, 2))).toEqual([{ version: 1, program: "0707" }]);
  });

  it.each([
    [0, 19],
    [0, 21],
    [0, 40],
    [1, 1],
    [1, 41],
    [17, 19],
    [17, 32],
    [18, 21],
    [2, 0],
  ])("refuses version %i with %i bytes", (version, length) => {
    expect(refusalOf(() => fallbacks(address(version, length))).message).toContain("fallback");
  });

  it("refuses an address without a version", () => {
    expect(refusalOf(() => fallbacks(field("f", []))).message).toContain("fallback");
  });

  it("reads the largest values of a hop", () => {
    const words = wordsOfBytes([3, ...new Array<number>(50).fill(255)]);
    expect(decodeInvoice(rawInvoice({ fields: [field("r", words)] })).routeHints).toEqual([
      [
        {
          pubkey: `03${"ff".repeat(32)}`,
          shortChannelId: "16777215x16777215x65535",
          feeBaseMsat: 4_294_967_295,
          feeProportionalMillionths: 4_294_967_295,
          cltvExpiryDelta: 65_535,
        },
      ],
    ]);
  });

  it("keeps routes apart, skips empty ones, and refuses broken ones", () => {
    const hops = (count: number) =>
      field("r", wordsOfBytes(Array.from({ length: 51 * count }, (_, i) => (i % 51 === 0 ? 2 : 0))));
    const { routeHints } = decodeInvoice(rawInvoice({ fields: [hops(2), field("r", []), hops(1), hops(12)] }));
    expect(routeHints.map((route) => route.length)).toEqual([2, 1, 12]);
    expect(messageOf(rawInvoice({ fields: [field("r", wordsOfBytes(new Uint8Array(50).fill(2)))] }))).toContain(
      "length",
    );
    expect(messageOf(rawInvoice({ fields: [field("r", zeros(82))] }))).toContain("public key");
  });
});
