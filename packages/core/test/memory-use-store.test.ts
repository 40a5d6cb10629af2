import { describeUseStore, fakeClock } from "@l402/testing";
import { describe, expect, it } from "vitest";
import { createMemoryUseStore } from "../src/index.ts";

const onlyHere = "It counts in one process, so there is no second instance.";
const noBackend = "It counts in memory, so there is no backend that could be down.";

describeUseStore(
  { describe, it },
  {
    name: "createMemoryUseStore",
    create: createMemoryUseStore,
    skip: {
      "grants exactly the limit to parallel requests at two instances": onlyHere,
      "gives a use back that another instance took": onlyHere,
      "rejects, and never answers, while its backend is down": noBackend,
      "counts on where it was when its backend is back": noBackend,
    },
  },
);

describe("createMemoryUseStore", () => {
  it("leaks nothing after a million tokens", () => {
    const clock = fakeClock();
    const store = createMemoryUseStore({ clock });
    let most = 0;
    for (let i = 0; i < 1_000_000; i++) {
      if (i % 100 === 0) clock.advanceSeconds(1);
      store.consume({ key: `token ${i}`, limit: 1, expiresAt: new Date(clock().getTime() + 60_000) });
      if (i % 10_000 === 0) most = Math.max(most, store.size);
    }
    // One minute of life at 100 a second, and at most one more until its minute is over.
    expect(most).toBeLessThanOrEqual(12_100);
    clock.advanceSeconds(120);
    store.consume({ key: "last", limit: 1, expiresAt: new Date(clock().getTime() + 1000) });
    expect(store.size).toBe(1);
  });
});
