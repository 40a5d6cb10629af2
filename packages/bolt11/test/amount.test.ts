import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatAmount, parseAmount } from "../src/amount.ts";
import { refusalOf } from "./refusal.ts";

const MAX_MSAT = 2_100_000_000_000_000_000n;

describe("amount", () => {
  it.each([
    ["1", 100_000_000_000n],
    ["21000000", MAX_MSAT],
    ["1m", 100_000_000n],
    ["21000000000m", MAX_MSAT],
    ["1u", 100_000n],
    ["2500u", 250_000_000n],
    ["21000000000000u", MAX_MSAT],
    ["1n", 100n],
    ["21000000000000000n", MAX_MSAT],
    ["10p", 1n],
    ["9678785340p", 967_878_534n],
    ["1000p", 100n],
    ["21000000000000000000p", MAX_MSAT],
    // Beyond what a number holds exactly.
    ["9007199254740993n", 900_719_925_474_099_300n],
    ["20999999999999999990p", MAX_MSAT - 1n],
  ])("%s is %s msat", (text, msat) => {
    expect(parseAmount(text)).toBe(msat);
  });

  it.each([
    ["1p", "whole number of millisatoshi"],
    ["15p", "whole number of millisatoshi"],
    ["2500000001p", "whole number of millisatoshi"],
    ["21000001", "above 21 million"],
    ["21000000001m", "above 21 million"],
    ["21000000000001u", "above 21 million"],
    ["21000000000000001n", "above 21 million"],
    ["21000000000000000010p", "above 21 million"],
    ["9".repeat(21), "above 21 million"],
    [`${"9".repeat(7000)}0p`, "above 21 million"],
  ])("%s is refused: %s", (text, reason) => {
    expect(refusalOf(() => parseAmount(text)).message).toContain(reason);
  });

  it.each([
    "0",
    "0p",
    "0u",
    "00",
    "01",
    "010u",
    "m",
    "",
    "-1",
    "+1",
    "1.5m",
    "1e3",
    "1mm",
    "1k",
    "1M",
    "1 ",
    " 1",
    "1\n",
    "١",
  ])("%j is no amount", (text) => {
    expect(refusalOf(() => parseAmount(text)).message).toContain("not a positive whole number");
  });

  it.each([
    [100_000_000_000n, "1"],
    [250_000_000_000n, "2500m"],
    [2_000_000_000n, "20m"],
    [250_000_000n, "2500u"],
    [1_000n, "10n"],
    [100n, "1n"],
    [101n, "1010p"],
    [1n, "10p"],
    [MAX_MSAT, "21000000"],
  ])("%s msat is written as %s", (msat, text) => {
    expect(formatAmount(msat)).toBe(text);
  });

  it("is written in the shortest form that reads the same", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1n, max: MAX_MSAT }),
        fc.constantFrom(1n, 100n, 10n ** 5n, 10n ** 8n, 10n ** 11n),
        (n, unit) => {
          const msat = n % unit === n ? n : (n / unit) * unit;
          const text = formatAmount(msat);
          expect(parseAmount(text)).toBe(msat);
          const forms = [
            `${msat}0p`,
            `${msat / 100n}n`,
            `${msat / 100_000n}u`,
            `${msat / 100_000_000n}m`,
            `${msat / 100_000_000_000n}`,
          ];
          const same = forms.filter((form) => !form.startsWith("0") && parseAmount(form) === msat);
          expect(text).toHaveLength(Math.min(...same.map((form) => form.length)));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([0n, -1n, MAX_MSAT + 1n, 1000 as unknown as bigint, "1" as unknown as bigint])(
    "%s is not written",
    (msat) => {
      expect(refusalOf(() => formatAmount(msat))).toMatchObject({ message: expect.stringContaining("amountMsat") });
    },
  );
});
