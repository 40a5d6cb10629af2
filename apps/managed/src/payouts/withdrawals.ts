import { setTimeout as pause } from "node:timers/promises";
import { isPreimageOf } from "@l402/core";
import { busy } from "../database/database.ts";
import { checkIdempotency } from "../idempotency.ts";
import type { Owner } from "../merchants/merchants.ts";
import type { SolvencyCheck } from "../operator/solvency.ts";
import type { Switches } from "../operator/switches.ts";
import { type ProblemCode, problem } from "../problem.ts";
import { randomId } from "../random-id.ts";
import type { Settings } from "../settings.ts";
import { feeLimit } from "./fee-limit.ts";
import { checkPayable } from "./payee-invoice.ts";
import type { PayoutRow, Payouts, Reserved } from "./payouts.ts";
import type { SendPayout } from "./send-payout.ts";

export interface WithdrawalRequest {
  bolt11: string;
  maxFeeMsat?: number | undefined;
}

export interface RefundRequest extends WithdrawalRequest {
  /** Of the payment that is given back. */
  paymentHash: string;
  /** What only who paid it has, and who carried the payment. */
  preimage: string;
}

export interface Withdrawal {
  row: PayoutRow;
  /** The payout as it is when the wallet has answered. Rejects where that went wrong; the next round takes it on. */
  sent: Promise<PayoutRow>;
}

/** Payees who hold payments back fill up the node's channels, so these are not to be had for nothing. */
const LEAST_MSAT = 1_000;

const known = (row: PayoutRow): Withdrawal => ({ row, sent: Promise.resolve(row) });

interface Source {
  account: string;
  kind: "withdrawal" | "operator";
  /** Throws where so much may not leave. */
  mayTake?(msat: number): Promise<void>;
  /** The payment hash of the payment that is given back. */
  refundOf?: string;
}

const REFUSALS: Partial<Record<Reserved, [ProblemCode, string, number?]>> = {
  busy: ["ALREADY_UNDER_WAY", "Too many payouts are running. Try again when some of them have ended.", 60],
  taken: ["ALREADY_UNDER_WAY", "Another payout is paying this invoice, or has paid it."],
  "not-refundable": ["NOT_FOUND", "You have received no payment with this payment hash."],
  "too-much": ["INVOICE_INVALID", "The invoice is for more than the buyer paid."],
  refunded: ["ALREADY_REFUNDED", "A refund of this payment is running, or was already paid."],
};

export type Withdrawals = ReturnType<typeof createWithdrawals>;

interface WithdrawalParts {
  settings: Settings;
  payouts: Payouts;
  sender: SendPayout;
  switches: Switches;
  solvency: SolvencyCheck;
}

/** Pays an invoice from a balance: a merchant's, or the fees for the operator. */
export function createWithdrawals({ settings, payouts, sender, switches, solvency }: WithdrawalParts) {
  function checkFeeLimit(maxFeeMsat: number | undefined): void {
    if (maxFeeMsat === undefined || (Number.isSafeInteger(maxFeeMsat) && maxFeeMsat >= 0)) return;
    throw problem("AMOUNT_INVALID", "maxFeeMsat must be a whole number from 0.");
  }

  async function checkSurplus(msat: number): Promise<void> {
    const { spendableMsat, heldMsat, owedMsat } = await solvency.check();
    // SECURITY: what is in flight may have left the node or not, so nothing of it is surplus
    // (operator.test.ts, "has not left yet").
    const surplus = Math.max(0, (spendableMsat ?? heldMsat) - owedMsat);
    if (msat > surplus)
      throw problem("BALANCE_TOO_LOW", `The node holds only ${surplus} msat more than the service owes.`);
  }

  /** SECURITY: payouts wait for a look at the node, and so do withdrawals (operator.test.ts, "before a withdrawal too"). */
  async function checkSolvency(): Promise<void> {
    try {
      await solvency.keepFresh();
    } catch {
      // The payout loop tells the operator why.
      throw problem(
        "NODE_UNAVAILABLE",
        "The service cannot reach its Lightning node, so it sends no money now. Nothing was paid. Try again later.",
        30,
      );
    }
  }

  async function begin(
    { account, kind, mayTake, refundOf }: Source,
    request: WithdrawalRequest,
    key: string,
  ): Promise<Withdrawal> {
    checkFeeLimit(request.maxFeeMsat);
    const asked = {
      bolt11: request.bolt11,
      ...(request.maxFeeMsat !== undefined && { maxFeeMsat: request.maxFeeMsat }),
      ...(refundOf !== undefined && { refundOf }),
    };
    const before = await payouts.byKey(account, key);
    if (before) return known(checkIdempotency(before, asked));
    await checkSolvency();
    await switches.refusePayouts();
    const invoice = await checkPayable(settings, request.bolt11.trim().toLowerCase());
    const { amountMsat } = invoice;
    if (kind === "withdrawal" && amountMsat < LEAST_MSAT) {
      throw problem("INVOICE_INVALID", "The invoice is for less than 1 sat.");
    }
    const maxFeeMsat = request.maxFeeMsat ?? feeLimit(settings.wallet, amountMsat);
    await mayTake?.(amountMsat + maxFeeMsat);
    const id = randomId();
    const outcome = await payouts.reserve({
      ...{ id, account, kind, destination: "invoice", amountMsat, maxFeeMsat, invoice },
      idempotency: { key, request: asked },
      ...(refundOf !== undefined && { refundOf }),
    });
    // The same key at the same time: the other request's payout counts, also where there is not enough for two.
    const winner = outcome === "reserved" ? undefined : await payouts.byKey(account, key);
    if (winner) return known(checkIdempotency(winner, asked));
    if (outcome === "insufficient") {
      const text = `The amount of ${amountMsat} msat and the fee limit of ${maxFeeMsat} msat exceed the available balance. Nothing was paid.`;
      throw problem("BALANCE_TOO_LOW", text);
    }
    const refusal = REFUSALS[outcome];
    if (refusal) throw problem(...refusal);
    const row = (await payouts.find(id)) as PayoutRow;
    const sent = sender.sendFirst(id);
    // Nobody has to wait for it, and the next round takes on what went wrong.
    sent.catch(() => {});
    return { row, sent };
  }

  /** Waits until nobody else is at it. */
  async function inTurn(lock: string, act: () => Promise<void>): Promise<void> {
    while ((await settings.database.exclusively(lock, act)) === busy) await pause(20);
  }

  return {
    forMerchant: (owner: Owner, request: WithdrawalRequest, key: string) =>
      begin({ account: `merchant:${owner.id}`, kind: "withdrawal" }, request, key),
    /**
     * Gives a payment back, to an invoice that its buyer supplies.
     *
     * SECURITY: only the seller's owner says so, for a payment of theirs, once, at most in full, from their own balance;
     * and who asks for it shows the preimage, since a payment hash is known to all who saw the invoice (refunds.test.ts).
     */
    async refund(owner: Owner, { paymentHash, preimage, ...request }: RefundRequest, key: string) {
      if (!isPreimageOf(preimage, paymentHash)) {
        throw problem("PREIMAGE_WRONG", "The SHA-256 hash of the preimage is not the paymentHash.");
      }
      return begin({ account: `merchant:${owner.id}`, kind: "withdrawal", refundOf: paymentHash }, request, key);
    },
    /**
     * SECURITY: no more than the fees, and nothing that the node needs for what merchants are owed: all the rest is their
     * money (operator.test.ts, "at most the fees" and "what the node is short of"). One after the other, because two would
     * take the same surplus (operator.test.ts, "also by two").
     */
    forOperator: (request: WithdrawalRequest, key: string) =>
      new Promise<Withdrawal>((resolve, reject) => {
        const withdraw = async () => {
          const begun = await begin({ account: "fee", kind: "operator", mayTake: checkSurplus }, request, key);
          resolve(begun);
          await begun.sent;
        };
        // Once it has begun, its errors are those of `sent`.
        inTurn("operator withdrawal", withdraw).catch(reject);
      }),
  };
}
