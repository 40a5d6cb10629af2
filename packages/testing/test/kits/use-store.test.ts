import { createMemoryUseStore } from "@l402/core";
import { describe, expect, it } from "vitest";
import { describeUseStore } from "../../src/index.ts";
import { useStoreCases } from "../../src/kits/use-store.ts";
import { BROKEN_STORES, broken, goodSubject } from "./broken-stores.ts";
import { failingCases, namesOf, runCase } from "./run-cases.ts";

describeUseStore(
  { describe, it },
  {
    name: "createMemoryUseStore",
    create: createMemoryUseStore,
    createPeer: (store) => store,
    skip: {
      "rejects, and never answers, while its backend is down": "memory has no backend",
      "counts on where it was when its backend is back": "memory has no backend",
    },
  },
);

describe("the kit", () => {
  it("finds nothing wrong with a good store", async () => {
    expect(await failingCases(useStoreCases, goodSubject)).toEqual([]);
  });

  it("waits for a backend that keeps its own time", async () => {
    const cases = useStoreCases.filter(({ name }) => /expire/.test(name));
    expect(cases.length).toBe(3);
    await Promise.all(cases.map(({ run }) => run({ ...goodSubject, time: "real" })));
  });

  it("asks for the hooks that are missing", async () => {
    const { name, create } = goodSubject;
    expect(await failingCases(useStoreCases, { name, create })).toEqual(
      useStoreCases.filter(({ needs }) => needs).map((kitCase) => kitCase.name),
    );
  });

  it.each(BROKEN_STORES)("notices a store that %s", async (_, failingCase, change) => {
    await expect(runCase(useStoreCases, failingCase, broken(change))).rejects.toThrow();
  });

  it("has no case that cannot fail", () => {
    expect([...new Set(BROKEN_STORES.map(([, failingCase]) => failingCase))].sort()).toEqual(namesOf(useStoreCases));
  });
});
