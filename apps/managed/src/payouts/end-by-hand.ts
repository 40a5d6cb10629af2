import { isPreimageOf } from "@l402/core";
import type { Notices } from "../merchants/notices.ts";
import { problem } from "../problem.ts";
import type { Settings } from "../settings.ts";
import { merchantOf, type PayoutRow, type Payouts } from "./payouts.ts";
import { type Found, type SendPayout, saysPaid } from "./send-payout.ts";

/** How long a wallet has to say otherwise before a person decides without a proof. */
const WAIT_MS = 24 * 3_600_000;

/** What the operator says of a payout that the wallet calls paid: what it cost on the way, and how that is known. */
export type Confirmation = { feeMsat: number } & ({ preimage: string } | { evidence: string });

interface Parts {
  settings: Settings;
  payouts: Payouts;
  sender: SendPayout;
  notices: Notices;
}

/** Ends payouts that only a person can end. The wallet is asked once more, and what it can prove counts. */
export function createEndByHand({ settings, payouts, sender, notices }: Parts) {
  const passedSince = (time: Date | null): number =>
    settings.clock().getTime() - (time?.getTime() ?? Number.POSITIVE_INFINITY);

  async function lookAndDecide(id: string, decide: (row: PayoutRow, found: Found) => Promise<unknown>) {
    await payouts.alone(id, async () => {
      const row = await payouts.find(id);
      if (row?.status !== "sending") throw problem("NOT_FOUND", "There is no running payout with this id.");
      const found = await sender.look(row);
      if (found) await decide(row, found);
    });
    const row = await payouts.find(id);
    if (row?.status === "paid" || row?.status === "failed") return row;
    throw problem("ALREADY_UNDER_WAY", "The service is looking at this payout just now. Try again.", 30);
  }

  return {
    /**
     * SECURITY: what is unknown is given back by a person alone, a day after the invoice has expired, and only while the
     * wallet knows nothing of it (unknown-outcomes.test.ts, "gives up"), or says that it failed after it has said the
     * opposite (unproven-payouts.test.ts, "takes back").
     */
    giveUp: (id: string): Promise<PayoutRow> =>
      lookAndDecide(id, async (row, found) => {
        const isLost = found.status === "not-found" && passedSince(row.expires_at) >= WAIT_MS;
        if (saysPaid(found))
          throw problem("ALREADY_UNDER_WAY", "The wallet reports this payment as paid, so its money stays reserved.");
        if (!isLost && found.status !== "failed")
          throw problem("ALREADY_UNDER_WAY", "The wallet may still make this payment, so its money stays reserved.");
        const why = isLost ? "the wallet has no such payment" : "the wallet says that the payment failed";
        await payouts.failed(row, `The operator ended this payout, because ${why}.`);
      }),

    /**
     * SECURITY: a payout is confirmed only while the wallet itself calls it paid, so that none can fail afterwards; with
     * the preimage, or else a day after the wallet first said so and with what the operator saw. Both stay written down
     * (unproven-payouts.test.ts, "confirm-payout").
     */
    async confirm(id: string, told: Confirmation): Promise<PayoutRow> {
      const ended = await lookAndDecide(id, async (row, found) => {
        if (!saysPaid(found))
          throw problem("ALREADY_UNDER_WAY", "The wallet does not report this payment as paid, so it may still fail.");
        const preimage = "preimage" in told ? told.preimage.toLowerCase() : null;
        const evidence = "evidence" in told ? told.evidence : "The operator had the preimage.";
        if (preimage !== null && !isPreimageOf(preimage, row.payment_hash as string))
          throw problem("PREIMAGE_WRONG", "The SHA-256 hash of the preimage is not the payment hash of this payout.");
        if (preimage === null && passedSince(row.unproven_since) < WAIT_MS) {
          const text = "Without the preimage, wait until a day after the wallet first reported the payment as paid.";
          throw problem("ALREADY_UNDER_WAY", text);
        }
        if (told.feeMsat > row.max_fee_msat)
          throw problem("AMOUNT_INVALID", `The fee is above the payout's fee limit of ${row.max_fee_msat} msat.`);
        await payouts.confirmed(id, preimage, told.feeMsat, evidence);
        const text = `Payout ${id} was confirmed as paid by the operator`;
        await notices.alarm("payout-confirmed", `${text}, with a fee of ${told.feeMsat} msat: ${evidence}`);
        if (row.account !== "fee") await notices.tell(merchantOf(row), "payout-confirmed", `${text}.`);
      });
      if (ended.status === "paid") return ended;
      throw problem("NOT_FOUND", "The wallet says that this payment failed, so its money was returned.");
    },
  };
}
