import { isL402Error } from "@l402/core";
import { checkIdempotency } from "../idempotency.ts";
import type { Switches } from "../operator/switches.ts";
import { problem } from "../problem.ts";
import { randomId } from "../random-id.ts";
import type { Settings } from "../settings.ts";
import { feeLimit } from "./fee-limit.ts";
import { checkPayable } from "./payee-invoice.ts";
import type { PayoutRow, Payouts } from "./payouts.ts";
import type { SendPayout } from "./send-payout.ts";

export interface WithdrawalRequest {
  bolt11: string;
  maxFeeMsat?: number | undefined;
}

interface Source {
  account: string;
  kind: "withdrawal" | "operator";
}

export type Withdrawals = ReturnType<typeof createWithdrawals>;

/** Pays an invoice from a balance: a merchant's, or the fees for the operator. */
export function createWithdrawals(settings: Settings, payouts: Payouts, sender: SendPayout, switches: Switches) {
  async function read(bolt11: string) {
    try {
      return await checkPayable(settings, bolt11.trim().toLowerCase());
    } catch (error) {
      throw isL402Error(error) ? problem("INVOICE_INVALID", error.message) : error;
    }
  }

  /** `sent` resolves when the wallet has answered; the money is set aside before this does. */
  async function begin({ account, kind }: Source, request: WithdrawalRequest, key: string) {
    const asked = { bolt11: request.bolt11, ...(request.maxFeeMsat !== undefined && { maxFeeMsat: request.maxFeeMsat }) };
    const before = await payouts.byKey(account, key);
    if (before) return { row: checkIdempotency(before, asked), sent: Promise.resolve<PayoutRow | undefined>(before) };
    await switches.refusePayouts();
    const invoice = await read(request.bolt11);
    const { amountMsat } = invoice;
    const maxFeeMsat = request.maxFeeMsat ?? feeLimit(settings.wallet, amountMsat);
    const id = randomId();
    const outcome = await payouts.reserve({
      ...{ id, account, kind, destination: "invoice", amountMsat, maxFeeMsat, invoice },
      idempotency: { key, request: asked },
    });
    if (outcome === "insufficient") {
      const text = `${amountMsat} msat and a fee limit of ${maxFeeMsat} msat are more than is available.`;
      throw problem("BALANCE_TOO_LOW", text);
    }
    if (outcome === "taken") {
      // The same key at the same time, or an invoice that another payout pays.
      const winner = await payouts.byKey(account, key);
      if (winner) return { row: checkIdempotency(winner, asked), sent: Promise.resolve<PayoutRow | undefined>(winner) };
      throw problem("ALREADY_UNDER_WAY", "Another payout pays this invoice, or has paid it.");
    }
    const row = (await payouts.find(id)) as PayoutRow;
    return { row, sent: sender.sendFirst(id) };
  }

  return {
    forMerchant: (merchantId: string, request: WithdrawalRequest, key: string) =>
      begin({ account: `merchant:${merchantId}`, kind: "withdrawal" }, request, key),
    /** SECURITY: no more than the fees, because everything else is merchants' money (operator.test.ts, "at most the fees"). */
    forOperator: (request: WithdrawalRequest, key: string) => begin({ account: "fee", kind: "operator" }, request, key),
  };
}
