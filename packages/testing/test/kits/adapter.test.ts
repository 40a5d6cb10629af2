import { describe, expect, it } from "vitest";
import { describeAdapter } from "../../src/index.ts";
import { adapterCases } from "../../src/kits/adapter.ts";
import { BROKEN_ADAPTERS } from "./broken-adapters.ts";
import { serveThroughReferenceAdapter } from "./reference-server.ts";
import { namesOf, runCase } from "./run-cases.ts";

describeAdapter({ describe, it }, serveThroughReferenceAdapter());

describe("the kit", () => {
  it.each(BROKEN_ADAPTERS)("notices an adapter that %s", async (_, failingCase, breakage) => {
    await expect(runCase(adapterCases, failingCase, serveThroughReferenceAdapter(breakage))).rejects.toThrow();
  });

  it("has no case that cannot fail", () => {
    expect([...new Set(BROKEN_ADAPTERS.map(([, failingCase]) => failingCase))].sort()).toEqual(namesOf(adapterCases));
  });
});
