import { expect, it } from "vitest";
import { createBoundedMap } from "../src/bounded-map.ts";

const keysOf = (entries: { values(): Iterable<{ key: number }> }) => Array.from(entries.values(), ({ key }) => key);

it("forgets the oldest entries above its capacity", () => {
  const entries = createBoundedMap<{ key: number }>(10, () => true);
  for (let key = 0; key < 100; key++) entries.set(String(key), { key });
  expect(keysOf(entries).length).toBeLessThanOrEqual(11);
  expect(entries.get("99")).toEqual({ key: 99 });
  expect(entries.get("0")).toBeUndefined();
});

it("never forgets an entry that is not finished", () => {
  const entries = createBoundedMap<{ key: number }>(10, ({ key }) => key % 2 === 0);
  for (let key = 0; key < 100; key++) entries.set(String(key), { key });
  expect(keysOf(entries).filter((key) => key % 2 === 1)).toHaveLength(50);
  expect(keysOf(entries).length).toBeLessThan(62);
});

it("takes an entry that is set again for a young one", () => {
  const entries = createBoundedMap<{ key: number }>(10, () => true);
  for (let key = 0; key < 10; key++) entries.set(String(key), { key });
  entries.set("0", { key: 0 });
  for (let key = 10; key < 15; key++) entries.set(String(key), { key });
  expect(entries.get("0")).toEqual({ key: 0 });
  expect(entries.get("1")).toBeUndefined();
});
