import assert from "node:assert/strict";
import { outcomeOf } from "../expectations.ts";
import type { KitCase } from "../kit.ts";
import { pause } from "../kit-time.ts";
import type { UseStoreSubject } from "../use-store.ts";
import { consume, openStore } from "./open-store.ts";

const DAY = 86_400;

/** A store keeps the count of a token until the token expires. */
export const useStoreExpiryCases: readonly KitCase<UseStoreSubject>[] = [
  {
    name: "keeps counting until the token expires",
    safety: true,
    async run(subject) {
      const { store, time, newUse } = await openStore(subject);
      const use = newUse(1, time.isFake ? 3600 : 4);
      assert.equal(await consume(store, use), 0);
      await time.pass(time.isFake ? 3599 : 1.5);
      assert.equal(await consume(store, use), false);
    },
  },
  {
    name: "keeps counting for sixty days, with no timer that overflows",
    safety: true,
    async run(subject) {
      const { store, time, newUse } = await openStore(subject);
      const use = newUse(1, 60 * DAY);
      assert.equal(await consume(store, use), 0);
      // A timer of more than 24.8 days fires at once. This shows only in real time.
      await pause(0.02);
      assert.equal(await consume(store, use), false);
      if (time.isFake) await time.pass(59 * DAY);
      assert.equal(await consume(store, use), false);
    },
  },
  {
    // The paywall itself refuses expired tokens. But clocks differ, and a store that has forgotten a count would grant
    // the use again and again.
    name: "never grants a use that has expired",
    safety: true,
    async run(subject) {
      const { store, time, newUse } = await openStore(subject);
      const expired = newUse(3, -60);
      for (let i = 0; i < 3; i++) await expectRefusal(() => store.consume(expired));

      const use = newUse(3, 1);
      assert.equal(await consume(store, use), 2);
      await time.pass(2.5);
      for (let i = 0; i < 3; i++) await expectRefusal(() => store.consume(use));
    },
  },
  {
    name: "forgets a count when its token has expired",
    safety: false,
    async run(subject) {
      const { store, time, newUse } = await openStore(subject);
      const use = newUse(1, 1);
      assert.equal(await consume(store, use), 0);
      await time.pass(2.5);
      assert.equal(await consume(store, { ...use, expiresAt: time.inSeconds(3600) }), 0);
    },
  },
];

async function expectRefusal(call: () => unknown): Promise<void> {
  const outcome = await outcomeOf(call);
  if ("answer" in outcome) assert.equal(outcome.answer, false, "An expired use must be refused.");
}
