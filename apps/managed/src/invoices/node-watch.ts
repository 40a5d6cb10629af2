import { detailOf } from "../failure-text.ts";
import type { Notices } from "../merchants/notices.ts";

const PATIENCE_MS = 300_000;

/** Tells the operator of a node that does not say what was paid: nobody else would, and nothing is credited meanwhile. */
export function createNodeWatch(notices: Notices) {
  let silentSince: Date | undefined;
  let isTold = false;

  return {
    /** What came of several questions to the node. */
    async saw(answers: number, errors: readonly unknown[], now: Date): Promise<void> {
      if (answers > 0) {
        silentSince = undefined;
        isTold = false;
      }
      if (answers > 0 || errors.length === 0) return;
      silentSince ??= now;
      if (isTold || now.getTime() - silentSince.getTime() < PATIENCE_MS) return;
      isTold = true;
      const text = "The node does not tell which invoices were paid, so no payment is credited";
      await notices.alarm("node", `${text}: ${detailOf(errors[0])}`);
    },
  };
}
