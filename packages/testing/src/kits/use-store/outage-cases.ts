import assert from "node:assert/strict";
import { errorOf } from "../expectations.ts";
import { during, given, type KitCase } from "../kit.ts";
import type { UseStoreSubject } from "../use-store.ts";
import { consume, openStore } from "./open-store.ts";

/** A store that is unsure grants no use. */
export const useStoreOutageCases: readonly KitCase<UseStoreSubject>[] = [
  {
    name: "rejects, and never answers, while its backend is down",
    safety: true,
    needs: "breakBackend",
    async run(subject) {
      const { store, newUse } = await openStore(subject);
      const [fresh, taken] = [newUse(5), newUse(5)];
      await consume(store, taken);
      await during(given(subject, "breakBackend"), store, async () => {
        for (const use of [fresh, taken, fresh]) {
          await errorOf(() => store.consume(use), "consume answered although its backend is down; it must reject.");
        }
      });
    },
  },
  {
    name: "counts on where it was when its backend is back",
    safety: true,
    needs: "breakBackend",
    async run(subject) {
      const { store, newUse } = await openStore(subject);
      const use = newUse(2);
      assert.equal(await consume(store, use), 1);
      await during(given(subject, "breakBackend"), store, async () => {
        await errorOf(() => store.consume(use), "consume answered although its backend is down; it must reject.");
      });
      assert.equal(await consume(store, use), 0);
      assert.equal(await consume(store, use), false);
    },
  },
];
