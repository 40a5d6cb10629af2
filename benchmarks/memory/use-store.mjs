// Prints what the memory store takes, as JSON. Time is the CPU time of this process: what others do does not count.
import { hash } from "node:crypto";
import { createMemoryUseStore } from "@l402/core";
import { mustHold } from "../rounds.mjs";

const LIVE = 1_000_000;
const CHURNED = 5_000_000;
const HOUR_MS = 3_600_000;

let now = Date.UTC(2026, 0, 1);
const clock = () => new Date(now);
// Not `createHash`: the time to free its native objects would count as that of the calls in which it happens.
const keyOf = (i) => hash("sha256", `token ${i}`, "hex");
const usedMb = () => {
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 1e6;
};
const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const values = {};
let store = createMemoryUseStore({ clock });
const before = usedMb();
values["worst call"] = 0;
for (let i = 0; i < LIVE; i++) {
  // Spread over an hour.
  const use = { key: keyOf(i), limit: 1, expiresAt: new Date(now + 60_000 + ((i * 7919) % HOUR_MS)) };
  const start = performance.now();
  const cpuStart = cpuMs();
  mustHold(store.consume(use) === 0, "the first use is refused");
  // Time on the clock has the work of others in it, and CPU time that of other threads: it took neither more.
  const took = Math.min(performance.now() - start, cpuMs() - cpuStart);
  values["worst call"] = Math.max(values["worst call"], took);
  if (i % 1000 === 0) mustHold(store.consume(use) === false, "a second use is accepted");
}
values["bytes per token"] = ((usedMb() - before) * 1e6) / LIVE;
now += 60_000 + HOUR_MS / 2;
const start = cpuMs();
store.consume({ key: keyOf(-1), limit: 1, expiresAt: new Date(now + 1000) });
values["sweep of half"] = cpuMs() - start;
mustHold(Math.abs(store.size - LIVE / 2) < LIVE / 50, "half of them are forgotten");
now += 2 * HOUR_MS;
store.consume({ key: keyOf(-2), limit: 1, expiresAt: new Date(now + 1000) });
mustHold(store.size === 1, "expired tokens are forgotten");
values.left = usedMb() - before;

store = createMemoryUseStore({ clock });
const empty = usedMb();
values.peak = 0;
for (let i = 0; i < CHURNED; i++) {
  if (i % 5000 === 0) now += 1000;
  // Cheaper than a hash, and as different.
  const key = `${(Math.imul(i, 0x9e3779b1) >>> 0).toString(16).padStart(8, "0")}${i.toString(16).padStart(56, "0")}`;
  mustHold(store.consume({ key, limit: 1, expiresAt: new Date(now + 60_000) }) === 0, "a new token is refused");
  if (i % 500_000 === 499_999) values.peak = Math.max(values.peak, usedMb() - empty);
}
console.log(JSON.stringify(values));
