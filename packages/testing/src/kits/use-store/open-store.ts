import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { Use, UseStore } from "@l402/core";
import { answerOf } from "../expectations.ts";
import { kitTime } from "../kit-time.ts";
import type { UseStoreSubject } from "../use-store.ts";

/** Opens a store for one case, with its clock, and with keys that no other case uses. */
export async function openStore(subject: UseStoreSubject) {
  const time = kitTime(subject.time);
  const store = await subject.create({ clock: time.clock });
  const newUse = (limit: number, expiresInSeconds = 3600): Use => ({
    key: randomBytes(32).toString("hex"),
    limit,
    expiresAt: time.inSeconds(expiresInSeconds),
  });
  return { store, time, newUse };
}

/** Takes a use. The answer must be a whole number or `false`; `true`, `null` and `"1"` are wrong. */
export async function consume(store: UseStore, use: Use): Promise<number | false> {
  const answer: unknown = await answerOf(() => store.consume(use));
  if (answer === false) return false;
  assert.ok(Number.isSafeInteger(answer), `consume answered ${String(answer)}; it must be a number of uses or false.`);
  assert.ok(
    (answer as number) >= 0 && (answer as number) < use.limit,
    "consume answered an impossible number of uses.",
  );
  return answer as number;
}

export async function release(store: UseStore, use: Use): Promise<void> {
  await answerOf(() => store.release(use));
}

/** Takes `times` uses in parallel, from the given instances in turn. */
export const consumeInParallel = (stores: readonly UseStore[], use: Use, times: number): Promise<(number | false)[]> =>
  Promise.all(Array.from({ length: times }, (_, i) => consume(stores[i % stores.length] as UseStore, use)));
