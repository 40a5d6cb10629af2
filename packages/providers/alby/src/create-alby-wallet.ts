import { checkPaymentHash, createDoubts, paidResult, payOnce, readFields, resolvePayment } from "@l402/backend";
import { checkOption, isL402Error, type LightningWallet, type PaymentResult } from "@l402/core";
import { type AlbyOptions, createNwcConnection, type NwcReply } from "./nwc-connection.ts";
import { refusalError } from "./nwc-error.ts";
import { readTransaction } from "./read-transaction.ts";

export interface AlbyWalletOptions extends AlbyOptions {
  /** The highest fee that the wallet may take, if it is not Alby Hub. Default 1 %, or 10 sats if that is more. */
  feeReserveMsat?: (amountMsat: number) => number;
}

export type AlbyWallet = LightningWallet & Required<Pick<LightningWallet, "feeReserveMsat">>;

/** With these codes, the wallet has not even looked at the invoice. */
const NOT_ALLOWED = /^(RATE_LIMITED|NOT_IMPLEMENTED|RESTRICTED|UNAUTHORIZED|EXPIRED|UNSUPPORTED_ENCRYPTION)$/;
/** With these codes, the wallet has not tried to pay this time. An earlier try is possible. */
const NOT_TRIED = /^(INSUFFICIENT_BALANCE|QUOTA_EXCEEDED|BAD_REQUEST)$/;

/**
 * Pays with Alby Hub, or another wallet that speaks Nostr Wallet Connect.
 *
 * The protocol has no fee limit: Alby Hub may take 1 %, at least 10 sats. If that is more than `maxFeeMsat`, the
 * payment fails before it is sent.
 */
export function createAlbyWallet(options: AlbyWalletOptions): AlbyWallet {
  const nwc = createNwcConnection("createAlbyWallet", options, ["feeReserveMsat"]);
  const { feeReserveMsat = (amountMsat) => Math.max(10_000, Math.ceil(amountMsat / 100)) } = options;
  checkOption(typeof feeReserveMsat === "function", "createAlbyWallet: feeReserveMsat", "a function of the amount");
  const doubts = createDoubts();

  async function lookupPayment(paymentHash: string, { signal }: { signal?: AbortSignal | undefined } = {}) {
    checkPaymentHash("Alby", paymentHash);
    const reply = await nwc.ask({ method: "lookup_invoice", params: { payment_hash: paymentHash }, signal });
    if ("refused" in reply) {
      if (reply.refused !== "NOT_FOUND") throw refusalError(reply.refused, "lookup_invoice");
      // SECURITY: the wallet may still receive a payment request that was sent; "not-found" would lead to a second
      // payment (alby-wallet.test.ts, "overtake").
      return doubts.weigh(paymentHash, { status: "not-found" });
    }
    const { type, state, preimage, amountMsat = 0, feeMsat } = readTransaction(reply.result, paymentHash);
    if (type !== "outgoing") return unknown("The wallet shows its own invoice, and not whether it has paid it.");
    if (state === "settled") {
      return paidResult("The wallet", paymentHash, preimage, feeMsat ?? feeReserveMsat(amountMsat));
    }
    if (state !== "failed") return unknown("The wallet is still paying.");
    // SECURITY: the wallet may be showing an earlier attempt (alby-wallet.test.ts, "an earlier failure").
    return doubts.weigh(paymentHash, failed("The wallet could not pay the invoice."));
  }

  return {
    name: "alby",
    feeReserveMsat,

    payInvoice: (input) =>
      payOnce(
        input,
        async ({ paymentHash, amountMsat, expiresAt }) => {
          const { bolt11, maxFeeMsat, timeoutSeconds: seconds = 60, signal } = input;
          const reserveMsat = feeReserveMsat(Number(amountMsat));
          // SECURITY: an invoice that is refused now may have been paid before (alby-wallet.test.ts, "paid before").
          const outcome = (none: PaymentResult) => resolvePayment(() => lookupPayment(paymentHash, { signal }), none);
          // SECURITY: only this protects a buyer's budget (alby-wallet.test.ts, "sends nothing that may cost more").
          if (!(reserveMsat <= maxFeeMsat)) {
            return outcome(failed(`The wallet may take ${reserveMsat} msat for this payment, more than maxFeeMsat.`));
          }
          if (expiresAt <= new Date()) return outcome(failed("The invoice has expired."));
          const endDoubt = doubts.begin(paymentHash);
          let reply: NwcReply;
          try {
            reply = await nwc.ask({ method: "pay_invoice", params: { invoice: bolt11 }, seconds, signal });
          } catch (error) {
            if (isL402Error(error) && error.fundsMoved === "no") endDoubt();
            throw error;
          }
          if ("refused" in reply) {
            const { refused } = reply;
            // The wallet has answered, so this attempt is over, whatever its outcome.
            endDoubt();
            if (NOT_ALLOWED.test(refused)) throw refusalError(refused, "pay_invoice");
            const reason = `The wallet refused to pay (${refused}).`;
            // A wallet also answers INTERNAL for an invoice that it has already paid.
            return outcome(NOT_TRIED.test(refused) ? failed(reason) : unknown(reason));
          }
          const fields = readFields("The wallet", { body: reply.result, fundsMoved: "maybe" });
          endDoubt();
          const feeMsat = fields.optionalWhole("fees_paid") ?? reserveMsat;
          return paidResult("The wallet", paymentHash, fields.find("preimage"), feeMsat);
        },
        doubts,
      ),

    lookupPayment,
  };
}

const failed = (reason: string): PaymentResult => ({ status: "failed", reason });
const unknown = (reason: string): PaymentResult => ({ status: "unknown", reason });
