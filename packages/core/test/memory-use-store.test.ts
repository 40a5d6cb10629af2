import { describeUseStore, fakeClock } from "@l402/testing";
import { describe, expect, it } from "vitest";
import { createMemoryUseStore } from "../src/index.ts";
import * as node from "../src/quick/node.ts";
import * as web from "../src/quick/web.ts";

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
    // Tokens live one minute, at 100 a second. Their counts stay at most one minute longer.
    expect(most).toBeLessThanOrEqual(12_100);
    clock.advanceSeconds(120);
    store.consume({ key: "last", limit: 1, expiresAt: new Date(clock().getTime() + 1000) });
    expect(store.size).toBe(1);
  });

  it("counts until the very instant of expiry, and not at it", () => {
    const clock = fakeClock();
    const store = createMemoryUseStore({ clock });
    const use = { key: "a", limit: 9, expiresAt: new Date(clock().getTime() + 1000) };
    clock.advanceSeconds(0.999);
    expect(store.consume(use)).toBe(8);
    clock.advanceSeconds(0.001);
    expect(store.consume(use)).toBe(false);
  });

  it("a clock that was ahead and is set back: what was forgotten is refused, and not sold again", () => {
    const clock = fakeClock();
    const store = createMemoryUseStore({ clock });
    const until = (seconds: number) => new Date(clock().getTime() + seconds * 1000);
    const [used, earlier, other, longer] = [
      { key: "used", limit: 1, expiresAt: until(3600) },
      { key: "earlier", limit: 1, expiresAt: until(1800) },
      { key: "other", limit: 1, expiresAt: until(3500) },
      { key: "longer", limit: 1, expiresAt: until(2 * 86_400) },
    ];
    expect(store.consume(used)).toBe(0);
    expect(store.consume(earlier)).toBe(0);
    expect(store.consume(longer)).toBe(0);
    clock.advanceSeconds(86_400);
    expect(store.consume({ key: "x", limit: 1, expiresAt: until(60) })).toBe(0);
    clock.advanceSeconds(-86_400);
    const unavailable = expect.objectContaining({ code: "STORE_UNAVAILABLE" });
    for (const use of [used, earlier, other]) {
      expect(() => store.consume(use)).toThrow(unavailable);
      store.release(use);
      expect(() => store.consume(use)).toThrow(unavailable);
    }
    // Counts that were not forgotten still count, and so do newer tokens.
    expect(store.consume(longer)).toBe(false);
    expect(store.consume({ key: "new", limit: 1, expiresAt: until(3700) })).toBe(0);
    expect(store.size).toBe(3);
  });

  it("holds as many tokens as it may, and refuses others rather than forget one", () => {
    const clock = fakeClock();
    const store = createMemoryUseStore({ clock, maxTokens: 50_000 });
    const expiresAt = new Date(clock().getTime() + 600_000);
    for (let i = 0; i < 50_000; i++) store.consume({ key: `${i}`, limit: 2, expiresAt });
    const another = { key: "another", limit: 2, expiresAt };
    expect(() => store.consume(another)).toThrow(expect.objectContaining({ code: "STORE_UNAVAILABLE" }));
    expect(store.size).toBe(50_000);
    expect(store.consume({ key: "0", limit: 2, expiresAt })).toBe(0);
    expect(store.consume({ key: "0", limit: 2, expiresAt })).toBe(false);
    store.release(another);
    expect(store.size).toBe(50_000);
    store.release({ key: "1", limit: 2, expiresAt });
    expect(store.consume(another)).toBe(1);
    clock.advanceSeconds(660);
    expect(store.consume({ ...another, expiresAt: new Date(clock().getTime() + 1000) })).toBe(1);
    expect(store.size).toBe(1);
    expect(() => createMemoryUseStore({ maxTokens: 0 })).toThrow("maxTokens");
  });

  it("counts what a Map counts, whatever is taken, given back and forgotten, in tables of every size", () => {
    const clock = fakeClock();
    const store = createMemoryUseStore({ clock });
    const expiresAt = new Date(clock().getTime() + 600_000);
    const limit = 3;
    const counts = new Map<string, number>();
    // The random numbers are the same in every run.
    let state = 1;
    const random = (below: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let i = 0; i < 100_000; i++) {
      // First a few keys, then enough for a table that has been split.
      const number = random(i < 30_000 ? 200 : 60_000);
      const key = number % 2 ? `pass:${number}` : number.toString(16).padStart(64, "0");
      const used = counts.get(key) ?? 0;
      if (random(3) > 0) {
        expect(store.consume({ key, limit, expiresAt })).toBe(used < limit && limit - used - 1);
        counts.set(key, Math.min(used + 1, limit));
      } else {
        store.release({ key, limit, expiresAt });
        if (used > 1) counts.set(key, used - 1);
        else counts.delete(key);
      }
    }
    expect(store.size).toBe(counts.size);
  });

  it("tells a hash from what is no hash but looks like one", () => {
    const store = createMemoryUseStore();
    const expiresAt = new Date(Date.now() + 600_000);
    // The lowest byte of the last character is that of a zero.
    for (const key of ["a0".repeat(32), "A0".repeat(32), "a\u0130".repeat(32), `${"a0".repeat(31)}a\u0130`]) {
      expect([key, store.consume({ key, limit: 1, expiresAt })]).toEqual([key, 0]);
    }
  });
});

describe.each([
  ["node", node],
  ["web", web],
])("the table for %s", (_, { createUseTable }) => {
  it("keeps counts by key, and forgets those of 0", () => {
    const table = createUseTable();
    table.set("a", 1);
    table.set("b", 2);
    table.set("a", 3);
    table.set("c", 0);
    expect([table.get("a"), table.get("b"), table.get("c"), table.size]).toEqual([3, 2, 0, 2]);
    table.set("a", 0);
    expect([table.get("a"), table.get("b"), table.size]).toEqual([0, 2, 1]);
  });
});
