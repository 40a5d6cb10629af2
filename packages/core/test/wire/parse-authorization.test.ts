import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isL402Error } from "../../src/index.ts";
import { parseAuthorization, readAny } from "../../src/wire/parse-authorization.ts";

const preimage = "0123456789abcdef".repeat(4);
const credential = { tokens: ["dG9rZW4"], preimage };

const codeOf = (header: string | readonly string[]) => {
  try {
    return parseAuthorization(header) === undefined ? "none" : "credential";
  } catch (error) {
    if (!isL402Error(error)) throw error;
    return error.code;
  }
};

describe("parseAuthorization", () => {
  it("reads usual credentials quickly, and never otherwise than all others", () => {
    const outcome = (read: () => unknown) => {
      try {
        return read();
      } catch (error) {
        if (!isL402Error(error)) throw error;
        return error.message;
      }
    };
    const scheme = fc.constantFrom("L402 ", "LSAT ", "l402 ", "L402\t", "L402", " L402 ", "Bearer ");
    const token = fc.oneof(
      fc.base64String({ minLength: 4, maxLength: 40 }),
      fc.constantFrom("a", "a=", "a===", "", "a,b", "a:b"),
    );
    const proof = fc.constantFrom(
      preimage,
      preimage.toUpperCase(),
      `${preimage.slice(1)}g`,
      preimage.slice(1),
      `${preimage}0`,
    );
    const odd = fc.constantFrom("", "", "", " ", "\n", ",", "\u0130", "é", ":");
    fc.assert(
      fc.property(scheme, token, odd, proof, odd, (a, b, c, d, e) => {
        const header = `${a}${b}${c}:${d}${e}`;
        const expected = outcome(() => readAny([header]));
        expect(outcome(() => parseAuthorization(header))).toEqual(expected);
        expect(outcome(() => parseAuthorization([header]))).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["L402", `L402 dG9rZW4:${preimage}`],
    ["LSAT", `LSAT dG9rZW4:${preimage}`],
    ["any case", `l402 dG9rZW4:${preimage}`],
    ["an upper-case preimage", `L402 dG9rZW4:${preimage.toUpperCase()}`],
    ["several spaces", `  L402    dG9rZW4:${preimage}  `],
    ["another scheme before it", `Bearer abc, L402 dG9rZW4:${preimage}`],
    ["another scheme behind it", `L402 dG9rZW4:${preimage}, Bearer abc`],
  ])("reads %s", (_, header) => {
    expect(parseAuthorization(header)).toEqual(credential);
  });

  it("reads the same credential twice, on two lines or joined to one, as Aperture's clients send it", () => {
    const lines = [`LSAT dG9rZW4:${preimage}`, `L402 dG9rZW4:${preimage.toUpperCase()}`];
    expect(parseAuthorization(lines)).toEqual(credential);
    expect(parseAuthorization(lines.join(", "))).toEqual(credential);
    expect(parseAuthorization(lines.join(","))).toEqual(credential);
  });

  it("reads several tokens before the colon", () => {
    expect(parseAuthorization(`L402 a,b,c:${preimage}`)?.tokens).toEqual(["a", "b", "c"]);
  });

  it.each([
    ["no header", null],
    ["an empty header", ""],
    ["Bearer", "Bearer L402"],
    ["a scheme that only starts like ours", `L4020 dG9rZW4:${preimage}`],
    ["a scheme that only ends like ours", `XL402 dG9rZW4:${preimage}`],
    ["an empty list", []],
  ])("finds nothing in %s", (_, header) => {
    expect(parseAuthorization(header)).toBeUndefined();
  });

  it.each([
    ["no token and no preimage", "L402"],
    ["an empty token", `L402 :${preimage}`],
    ["an empty credential", "L402 :"],
    ["no colon", "L402 dG9rZW4"],
    ["a short preimage", `L402 dG9rZW4:${preimage.slice(1)}`],
    ["a long preimage", `L402 dG9rZW4:${preimage}0`],
    ["text behind the preimage", `L402 dG9rZW4:${preimage} x`],
    ["a preimage that is not hex", `L402 dG9rZW4:${"g".repeat(64)}`],
    ["a space in the token", `L402 dG9r ZW4:${preimage}`],
    ["two colons", `L402 dG9rZW4:x:${preimage}`],
    ["an empty token in a list", `L402 a,,b:${preimage}`],
    ["five tokens", `L402 a,b,c,d,e:${preimage}`],
    ["a second credential without a scheme", `L402 a:${preimage}, b:${preimage}`],
    ["two different tokens", [`LSAT a:${preimage}`, `L402 b:${preimage}`]],
    ["two different preimages", [`LSAT a:${preimage}`, `L402 a:${"0".repeat(64)}`]],
    ["two different tokens on one line", `LSAT a:${preimage}, L402 b:${preimage}`],
    ["a control character", `L402 dG9r\0ZW4:${preimage}`],
  ])("refuses %s", (_, header) => {
    expect(codeOf(header)).toBe("CREDENTIAL_MALFORMED");
  });

  it("never throws anything else", () => {
    const piece = fc.constantFrom(
      "L402",
      "LSAT",
      " ",
      ",",
      ":",
      "=",
      preimage,
      "dG9rZW4",
      "Bearer",
      "\t",
      "\n",
      "\ud800",
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece, { maxLength: 40 }).map((list) => list.join("")),
    );
    fc.assert(
      fc.property(fc.oneof(text, fc.array(text, { maxLength: 4 })), (header) => {
        expect(["none", "credential", "CREDENTIAL_MALFORMED"]).toContain(codeOf(header));
      }),
      { numRuns: 10_000 },
    );
  });

  it("refuses 64 KiB in well under a millisecond, whatever is in it", () => {
    for (const filler of ["a", ",", " ", ", ", "L402 ", ",L402", ":", "="]) {
      const header = `L402 ${filler.repeat(65_536 / filler.length)}`;
      const times = Array.from({ length: 20 }, () => {
        const start = performance.now();
        expect(codeOf(header)).toBe("CREDENTIAL_MALFORMED");
        return performance.now() - start;
      });
      // The fastest run counts, because the machine may do other work meanwhile.
      expect(Math.min(...times)).toBeLessThan(0.5);
    }
  });

  it("counts the lines together, and 16 KiB is the most", () => {
    const line = `L402 ${"a".repeat(8_100)}:${preimage}`;
    expect(codeOf([line, line])).toBe("credential");
    expect(codeOf([line, line, line])).toBe("CREDENTIAL_MALFORMED");
    expect(codeOf(`L402 ${"a".repeat(16_384 - 70)}:${preimage}`)).toBe("credential");
    expect(codeOf(`L402 ${"a".repeat(16_384 - 69)}:${preimage}`)).toBe("CREDENTIAL_MALFORMED");
  });

  it("reads the largest header it takes in linear time", () => {
    for (const filler of ["a", ",", " ", ", ", "L402 ", ",L402", ":", "=", "Bearer ", "\t,\t"]) {
      const header = `L402 ${filler.repeat(16_000 / filler.length)}`;
      const start = performance.now();
      for (let i = 0; i < 20; i++) codeOf(header);
      expect((performance.now() - start) / 20).toBeLessThan(10);
    }
  });
});
