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
  /** The wallet's *Admin key*. It can spend all that the wallet has. */
  adminKey: string;
  /**
   * What the server may take as a fee at most, where its operator changed that or takes a service fee. Default LNbits'
   * own: 1 %, or 2 sats where that is more.
   */
  feeReserveMsat?: (amountMsat: number) => number;
}

export type LnbitsWallet = LightningWallet & Required<Pick<LightningWallet, "feeReserveMsat">>;

/**
 * Pays from a wallet of an LNbits server.
 *
 * LNbits has no fee limit: a payment may cost what the server reserves for it. A payment with a lower `maxFeeMsat` than
 * that fails before it is sent.
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
    // LNbits shows the outgoing payment if there is one; without it, this is an invoice of the same wallet.
    if (!row || row.amountMsat > 0) {
      // SECURITY: LNbits lets a look-up overtake a payment, which would be sent again (lnbits-traps.test.ts, "overtake").
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
          // SECURITY: what is refused now may have been paid before (lnbits-wallet.test.ts, "paid before").
          const outcome = (none: PaymentResult) => resolvePayment(() => lookupPayment(paymentHash, { signal }), none);
          // SECURITY: nothing else keeps a buyer's budget (lnbits-wallet.test.ts, "sends nothing that may cost more").
          if (!(reserveMsat <= maxFeeMsat)) {
            return outcome(failed(`LNbits may take ${reserveMsat} msat for this payment, more than maxFeeMsat.`));
          }
          // SECURITY: between its own wallets LNbits pays expired invoices too (real-lnbits.test.ts).
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
          // SECURITY: LNbits also says "failed" when it is asked again to pay what it has paid, and 400 to whatever goes
          // wrong before or after the payment (lnbits-traps.test.ts, "although it was paid"). Only its books tell.
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
          // After some seconds LNbits stops waiting.
          if (status === "pending") return unknown("LNbits is still paying.");
          // Up to 0.12 it says no more than the hash.
          return outcome(unknown("LNbits has lost the payment."));
        },
        doubts,
      ),

    lookupPayment,
  };
}

const failed = (reason: string): PaymentResult => ({ status: "failed", reason });
const unknown = (reason: string): PaymentResult => ({ status: "unknown", reason });
