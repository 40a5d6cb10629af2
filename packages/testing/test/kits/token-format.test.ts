import { signedJsonFormat } from "@l402/core";
import { describe, expect, it } from "vitest";
import { describeTokenFormat } from "../../src/index.ts";
import { tokenFormatCases } from "../../src/kits/token-format.ts";
import { BROKEN_FORMATS, broken } from "./broken-formats.ts";
import { namesOf, runCase } from "./run-cases.ts";

describeTokenFormat({ describe, it }, { name: "signedJsonFormat", format: signedJsonFormat() });

describe("the kit", () => {
  it.each(BROKEN_FORMATS)("notices a format that %s", async (_, failingCase, change) => {
    await expect(runCase(tokenFormatCases, failingCase, broken(change))).rejects.toThrow();
  });

  it("has no case that cannot fail", () => {
    expect([...new Set(BROKEN_FORMATS.map(([, failingCase]) => failingCase))].sort()).toEqual(
      namesOf(tokenFormatCases),
    );
  });
});
