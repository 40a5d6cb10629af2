import { isL402Error, isPreimageOf, type PaymentResult } from "@l402/core";
import { addressFailure, detailOf, PAYMENT_FAILED, walletFailure } from "../failure-text.ts";
import type { AddressBook } from "../merchants/address-book.ts";
import type { Merchants } from "../merchants/merchants.ts";
import type { Notices } from "../merchants/notices.ts";
import { rangeIn } from "../merchants/sendable-range.ts";
import { problem } from "../problem.ts";
import type { Settings } from "../settings.ts";
import { within } from "../within.ts";
import { payeeInvoice } from "./payee-invoice.ts";
import { merchantOf, type PayoutRow, type Payouts } from "./payouts.ts";

/** After that, a payment is looked up until it has ended; a payee who holds it back keeps nobody else waiting. */
const WALLET_SECONDS = 20;
const LOOKUP_MS = 10_000;
/** How long a wallet may not know what it was just told to pay; longer than the providers' own doubts. */
const FORGETFUL_MS = 150_000;

export interface Parts {
  settings: Settings;
  payouts: Payouts;
  merchants: Merchants;
  notices: Notices;
  book: AddressBook;
}

export type Found = PaymentResult | { status: "not-found" };

const UNPROVEN = "The wallet reports the payment as paid, but without the preimage that proves it.";

const OTHER_WALLET = "The wallet knows neither this payment nor one that was paid before, so it is not sent again.";

/** With or without a proof. */
export const saysPaid = (found: Found): boolean =>
  found.status === "paid" || (found.status === "unknown" && found.withoutPreimage === true);

export type SendPayout = ReturnType<typeof createSendPayout>;

/** Takes a payout as far as it goes: from reserved to sending to its end, or to where only waiting helps. */
export function createSendPayout({ settings, payouts, merchants, notices, book }: Parts) {
  const { wallet, clock, onStep } = settings;

  /**
   * Asks for the merchant's invoice, and writes it down before anything is sent. Answers whether the payout has ended.
   *
   * SECURITY: a payout may have waited since before its address changed, and the merchant perhaps has the old one no more
   * (merchants.test.ts, "has waited while its address changed").
   */
  async function prepareAndSend(row: PayoutRow): Promise<boolean> {
    const merchant = await merchants.byId(merchantOf(row));
    let prepared: PayoutRow | undefined;
    try {
      if (merchant?.lightning_address !== row.destination)
        throw problem("ADDRESS_INVALID", "The address was changed before this payout was sent.");
      const invoice = await payeeInvoice(settings, book.payee(row.destination), row.amount_msat);
      await onStep("payout-invoiced");
      if (!(await payouts.startSending(row.id, invoice)))
        throw problem("INVOICE_INVALID", "The Lightning Address returned an invoice that was used before.");
      await onStep("payout-sending");
      prepared = await payouts.find(row.id);
    } catch (error) {
      // What was written down to be sent is not undone by an error.
      if ((await payouts.find(row.id))?.status !== "reserved") throw error;
      const range = rangeIn(error);
      if (range) await merchants.learnRange(merchantOf(row), range);
      await payouts.note(row, detailOf(error), false);
      return payouts.failed(row, addressFailure(error));
    }
    return prepared ? send(prepared) : false;
  }

  /** The wallet's answer, or "unknown" where there is none in time. */
  async function pay(row: PayoutRow): Promise<PaymentResult> {
    const caller = new AbortController();
    try {
      const sent = wallet.payInvoice({
        bolt11: row.bolt11 as string,
        // SECURITY: the limit is what was set aside, to the millisatoshi (payouts.test.ts, "the fee limit is the reserve").
        maxFeeMsat: row.max_fee_msat,
        timeoutSeconds: WALLET_SECONDS,
        signal: caller.signal,
      });
      const result = await within((WALLET_SECONDS + 5) * 1000, sent);
      if (!result) {
        caller.abort();
        return { status: "unknown", reason: "The wallet of the service did not answer." };
      }
      if (result.status !== "failed") return result;
      await payouts.note(row, result.reason, false);
      return { status: "failed", reason: PAYMENT_FAILED };
    } catch (error) {
      const certain = isL402Error(error) && error.fundsMoved === "no";
      await payouts.note(row, detailOf(error), false);
      return { status: certain ? "failed" : "unknown", reason: walletFailure(error) };
    }
  }

  const askWallet = (row: PayoutRow): Promise<Found> =>
    wallet.lookupPayment(row.payment_hash as string, { signal: AbortSignal.timeout(LOOKUP_MS) });

  const isFresh = ({ sent_at }: PayoutRow): boolean => clock().getTime() - (sent_at?.getTime() ?? 0) < FORGETFUL_MS;

  /**
   * SECURITY: a failure found soon after sending may be that of an earlier payout by the same invoice, while this one is
   * yet to begin (unknown-outcomes.test.ts, "an earlier payout").
   */
  async function lookUp(row: PayoutRow): Promise<Found> {
    const found = await askWallet(row).catch((error: unknown) => ({
      status: "unknown" as const,
      reason: detailOf(error),
    }));
    // Now it can be asked, and does not know better.
    if (found.status === "not-found" && row.is_refused) return { status: "failed", reason: PAYMENT_FAILED };
    if (found.status !== "failed") return found;
    if (isFresh(row) && (await payouts.isRepeated(row))) {
      return { status: "unknown", reason: "The wallet may still start the payment." };
    }
    await payouts.note(row, found.reason, false);
    return { status: "failed", reason: PAYMENT_FAILED };
  }

  /** Whether the wallet knows what was paid before. */
  async function isTheSame(row: PayoutRow): Promise<boolean> {
    const before = await payouts.paidBefore(row);
    return before === undefined || (await askWallet(before)).status !== "not-found";
  }

  /**
   * Goes on with a payout that was sent before: by a process that died, or by a wallet that did not say.
   *
   * SECURITY: a wallet that does not know what was paid before is that of another node, or has lost its memory. What it does
   * not know may have been paid (unknown-outcomes.test.ts, "by another node").
   */
  async function resolve(row: PayoutRow, maySend: boolean): Promise<boolean> {
    const found = await lookUp(row);
    const isOver = row.expires_at !== null && clock() >= row.expires_at;
    if (found.status !== "not-found" || !maySend || isFresh(row) || row.unproven_since || isOver) {
      return settle(row, found);
    }
    if (!(await isTheSame(row))) return complain(row, OTHER_WALLET);
    // Never sent, as far as the wallet knows. The same invoice, never a new one: a wallet pays an invoice once.
    const again = await payouts.sendAgain(row);
    return again ? send(again) : false;
  }

  /**
   * SECURITY: a refusal counts only where the wallet does not know better when asked (unknown-outcomes.test.ts, "a refusal"),
   * and not before it can be asked: who breaks the one can break the other ("cannot be asked").
   */
  async function payAndAsk(row: PayoutRow): Promise<Found> {
    const result = await pay(row);
    if (result.status !== "failed") return result;
    try {
      const found = await askWallet(row);
      return found.status === "not-found" || found.status === "failed" ? result : found;
    } catch (error) {
      await payouts.note(row, detailOf(error), true);
      return { status: "unknown", reason: result.reason };
    }
  }

  /**
   * SECURITY: only "paid" with the true preimage and "failed" end a payout, and "failed" not where the wallet has called it
   * paid before. Everything else leaves the money set aside (unknown-outcomes.test.ts; unproven-payouts.test.ts, "takes back").
   */
  async function settle(row: PayoutRow, result: Found): Promise<boolean> {
    if (result.status === "paid") {
      const { preimage } = result;
      // What the wallet does not tell may have been as much as it was allowed.
      const feeMsat = Number.isNaN(result.feeMsat) ? row.max_fee_msat : result.feeMsat;
      if (isPreimageOf(preimage, row.payment_hash as string) && Number.isSafeInteger(feeMsat) && feeMsat >= 0) {
        const isNew = await payouts.paid(row.id, preimage.toLowerCase(), feeMsat);
        if (feeMsat > row.max_fee_msat)
          await notices.alarm("fee", `The routing fee of payout ${row.id} was higher than its fee limit.`);
        return isNew;
      }
    }
    if (saysPaid(result)) return complain(row, UNPROVEN, true);
    if (result.status !== "failed" && result.status !== "not-found") return false;
    if (row.unproven_since) return complain(row, "The wallet has reported the payment as paid, and now does not.");
    if (result.status === "failed") return payouts.failed(row, result.reason);
    if (row.expires_at === null || clock() < row.expires_at) return false;
    return complain(row, "The wallet has no such payment, and the invoice has expired.");
  }

  async function complain(row: PayoutRow, text: string, isPaid = false): Promise<false> {
    if (!(await payouts.complained(row.id, text, isPaid))) return false;
    const help = isPaid ? " If the wallet's own page shows it as paid too, use confirm-payout." : "";
    await notices.alarm("payout", `Payout ${row.id}: ${text} Its money stays reserved.${help}`);
    if (isPaid && row.account !== "fee") {
      const told = `Payout ${row.id}: ${text} Its money stays reserved until the operator has confirmed the payment.`;
      await notices.tell(merchantOf(row), "payout-unproven", told);
    }
    return false;
  }

  async function send(row: PayoutRow): Promise<boolean> {
    const result = await payAndAsk(row);
    await onStep("payout-sent");
    return settle(row, result);
  }

  return {
    /** Takes a payout on. Answers it where this call has ended it. While payouts are paused, nothing is sent. */
    async advance(id: string, maySend: boolean): Promise<PayoutRow | undefined> {
      let ended = false;
      await payouts.alone(id, async () => {
        const row = await payouts.find(id);
        if (row?.status === "sending") ended = await resolve(row, maySend);
        if (row?.status === "reserved" && maySend) ended = await prepareAndSend(row);
      });
      return ended ? payouts.find(id) : undefined;
    },
    /** Sends what has just been reserved together with its invoice: for the first time, so nothing is to be looked up. */
    async sendFirst(id: string): Promise<PayoutRow> {
      await onStep("payout-sending");
      await payouts.alone(id, async () => {
        const row = await payouts.find(id);
        if (row?.status === "sending") await send(row);
      });
      return (await payouts.find(id)) as PayoutRow;
    },
    /** Looks once more at a payout that was sent. Answers what the wallet says, unless that has ended it. */
    async look(row: PayoutRow): Promise<Found | undefined> {
      const found = await lookUp(row);
      return (await settle(row, found)) ? undefined : found;
    },
  };
}
