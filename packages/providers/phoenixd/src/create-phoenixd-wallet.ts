import { createDoubts, paidResult, payOnce, type Question, readFields, resolvePayment } from "@l402/backend";
import type { LightningWallet, PaymentResult } from "@l402/core";
import { createPhoenixdBackend, isNotFound, type PhoenixdOptions } from "./phoenixd-backend.ts";

/** The fee of ACINQ's node: 4 sat and 0.4 %, rounded down to whole millisatoshis. */
const feeReserveMsat = (amountMsat: number): number => 4000 + Math.floor((amountMsat * 4) / 1000);

/**
 * Pays with your own phoenixd. phoenixd has no fee limit: a payment costs 4 sat and 0.4 %. If that is more than
 * `maxFeeMsat`, the payment fails before it is sent.
 */
export function createPhoenixdWallet(
  options: PhoenixdOptions,
): LightningWallet & Required<Pick<LightningWallet, "feeReserveMsat" | "balanceMsat">> {
  const backend = createPhoenixdBackend("createPhoenixdWallet", options);
  const doubts = createDoubts();

  async function lookupPayment(paymentHash: string, { signal }: { signal?: AbortSignal | undefined } = {}) {
    const path = `/payments/outgoingbyhash/${encodeURIComponent(paymentHash)}`;
    const answer = await backend.ask({ path, accept: [404], signal });
    // SECURITY: a payment that has not begun may only be late (phoenixd-wallet.test.ts, "what a look-up may overtake").
    if (isNotFound(answer)) return doubts.weigh(paymentHash, { status: "not-found" });
    const fields = readFields("phoenixd", answer);
    if (fields.text("paymentHash") !== paymentHash) throw fields.unknownValue("paymentHash");
    if (fields.flag("isPaid")) {
      return paidResult("phoenixd", paymentHash, fields.find("preimage"), fields.optionalWhole("fees") ?? Number.NaN);
    }
    // If there are several attempts, phoenixd shows a paid or a pending one first. Only a pending attempt has no end.
    const isOver = fields.optionalWhole("completedAt") !== undefined;
    if (!isOver) return unknown("phoenixd is still paying.");
    // SECURITY: phoenixd shows an earlier attempt until a later one arrives (phoenixd-wallet.test.ts, "an earlier
    // failure").
    return doubts.weigh(paymentHash, failed("phoenixd could not pay the invoice."));
  }

  return {
    name: "phoenixd",
    feeReserveMsat,

    async balanceMsat({ signal } = {}) {
      const answer = await backend.ask({ path: "/getbalance", signal });
      // The credit for fees in the same answer is not money: it can only be used for fees.
      return readFields("phoenixd", answer).whole("balanceSat") * 1000;
    },

    payInvoice: (input) =>
      payOnce(
        input,
        async (invoice) => {
          const { bolt11, maxFeeMsat, timeoutSeconds = 60, signal } = input;
          const { paymentHash } = invoice;
          const reserveMsat = feeReserveMsat(Number(invoice.amountMsat));
          // SECURITY: an invoice that is refused now may be paid already (phoenixd-wallet.test.ts, "paid before").
          const refused = (reason: string) =>
            resolvePayment(() => lookupPayment(paymentHash, { signal }), { status: "failed", reason });
          // SECURITY: only this protects a buyer's budget (phoenixd-wallet.test.ts, "sends nothing that may cost
          // more").
          if (maxFeeMsat < reserveMsat) {
            return refused(`phoenixd takes ${reserveMsat} msat for this payment, more than maxFeeMsat.`);
          }
          const question: Question = {
            method: "POST",
            path: "/payinvoice",
            form: { invoice: bolt11 },
            pays: true,
            paymentSeconds: timeoutSeconds,
            signal,
          };
          const answer = await doubts.during(paymentHash, () => backend.ask(question));
          const fields = readFields("phoenixd", answer);
          if (fields.optionalText("paymentPreimage") === undefined) {
            // phoenixd also refuses with HTTP 200. The invoice may have been paid before, or is being paid.
            fields.text("reason");
            return refused("phoenixd refused to pay the invoice.");
          }
          const feeMsat = exactFee(fields.optionalWhole("routingFeeSat"), reserveMsat);
          return paidResult("phoenixd", paymentHash, fields.find("paymentPreimage"), feeMsat);
        },
        doubts,
      ),

    lookupPayment,
  };
}

/** The exact fee. phoenixd's answer cuts it to whole sats; if the rest matches the known fee, that one is exact. */
const exactFee = (feeSat: number | undefined, reserveMsat: number): number =>
  feeSat === undefined || feeSat === Math.floor(reserveMsat / 1000) ? reserveMsat : feeSat * 1000;

const failed = (reason: string): PaymentResult => ({ status: "failed", reason });
const unknown = (reason: string): PaymentResult => ({ status: "unknown", reason });
