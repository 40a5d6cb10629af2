import {
  checkPaymentHash,
  createDoubts,
  paidResult,
  payOnce,
  type Question,
  readFields,
  resolvePayment,
} from "@l402/backend";
import { checkOption, isL402Error, type LightningWallet, type PaymentResult } from "@l402/core";
import {
  createLnbitsBackend,
  isFinal,
  isNoPayment,
  isRefusal,
  type LnbitsConnection,
  readRow,
} from "./lnbits-backend.ts";

export interface LnbitsWalletOptions extends LnbitsConnection {
  /** The wallet's *Admin key*. It can spend the wallet's whole balance. */
  adminKey: string;
  /**
   * The highest fee that the server may take. Set it if the operator changed that fee or takes a service fee. Default:
   * that of LNbits, 1 %, or 2 sats if that is more.
   */
  feeReserveMsat?: (amountMsat: number) => number;
}

export type LnbitsWallet = LightningWallet & Required<Pick<LightningWallet, "feeReserveMsat">>;

/**
 * Pays from a wallet of an LNbits server.
 *
 * LNbits has no fee limit: a payment may cost as much as the server reserves for it. If that is more than `maxFeeMsat`,
 * the payment fails before it is sent.
 */
export function createLnbitsWallet(options: LnbitsWalletOptions): LnbitsWallet {
  const backend = createLnbitsBackend("createLnbitsWallet", options, "adminKey", ["feeReserveMsat"]);
  const { feeReserveMsat = (amountMsat) => Math.max(2_000, Math.ceil(amountMsat / 100)) } = options;
  checkOption(typeof feeReserveMsat === "function", "createLnbitsWallet: feeReserveMsat", "a function of the amount");

  const doubts = createDoubts();

  async function lookupPayment(paymentHash: string, { signal }: { signal?: AbortSignal | undefined } = {}) {
    checkPaymentHash("LNbits", paymentHash);
    const answer = await backend.ask({ path: `/api/v1/payments/${paymentHash}`, accept: isNoPayment, signal });
    const row = isNoPayment(answer) ? undefined : readRow(readFields("LNbits", answer), paymentHash);
    // LNbits shows the outgoing payment if there is one. An incoming payment here is an invoice of the same wallet.
    if (!row || row.amountMsat > 0) {
      // SECURITY: a look-up may overtake a payment, which would then be sent again (lnbits-traps.test.ts, "overtake").
      return doubts.weigh(paymentHash, { status: "not-found" });
    }
    if (row.paid) return paidResult("LNbits", paymentHash, row.preimage, row.feeMsat);
    if (!row.failed) return unknown("LNbits is still paying.");
    // SECURITY: the row may be that of an earlier attempt (lnbits-traps.test.ts, "an earlier failure").
    return doubts.weigh(paymentHash, failed("LNbits says that the payment failed."));
  }

  return {
    name: "lnbits",
    feeReserveMsat,

    payInvoice: (input) =>
      payOnce(
        input,
        async ({ paymentHash, amountMsat, expiresAt }) => {
          const { bolt11, maxFeeMsat, timeoutSeconds = 60, signal } = input;
          const reserveMsat = feeReserveMsat(Number(amountMsat));
          // SECURITY: an invoice that is refused now may have been paid before (lnbits-wallet.test.ts, "paid before").
          const outcome = (none: PaymentResult) => resolvePayment(() => lookupPayment(paymentHash, { signal }), none);
          // SECURITY: only this protects a buyer's budget (lnbits-wallet.test.ts, "sends nothing that may cost more").
          if (!(reserveMsat <= maxFeeMsat)) {
            return outcome(failed(`LNbits may take ${reserveMsat} msat for this payment, more than maxFeeMsat.`));
          }
          // SECURITY: between its own wallets, LNbits also pays expired invoices (real-lnbits.test.ts).
          if (expiresAt <= new Date()) return outcome(failed("The invoice has expired."));
          const endDoubt = doubts.begin(paymentHash);
          const question: Question = {
            method: "POST",
            path: "/api/v1/payments",
            json: { out: true, bolt11 },
            pays: true,
            accept: isRefusal,
            paymentSeconds: timeoutSeconds,
            signal,
          };
          const answer = await backend.ask(question).catch((error: unknown) => {
            if (isL402Error(error) && error.fundsMoved === "no") endDoubt();
            throw error;
          });
          // SECURITY: LNbits also answers "failed" when it is asked again to pay an invoice that it has paid. It
          // answers 400 to any fault before or after the payment (lnbits-traps.test.ts, "although it was paid"). Only a
          // look-up shows the outcome.
          if (isRefusal(answer)) {
            const refused = `LNbits refused to pay (HTTP ${answer.status}).`;
            if (isFinal(answer)) endDoubt();
            return outcome(isFinal(answer) ? failed(refused) : unknown(refused));
          }
          const fields = readFields("LNbits", answer);
          if (fields.text("payment_hash").toLowerCase() !== paymentHash) throw fields.unknownValue("payment_hash");
          endDoubt();
          const status = fields.optionalText("status");
          if (status === "success") {
            return paidResult("LNbits", paymentHash, fields.find("preimage"), Math.abs(fields.whole("fee")));
          }
          // LNbits stops waiting after some seconds.
          if (status === "pending") return unknown("LNbits is still paying.");
          // Up to 0.12, LNbits answers only with the payment hash.
          return outcome(unknown("LNbits has lost the payment."));
        },
        doubts,
      ),

    lookupPayment,
  };
}

const failed = (reason: string): PaymentResult => ({ status: "failed", reason });
const unknown = (reason: string): PaymentResult => ({ status: "unknown", reason });
