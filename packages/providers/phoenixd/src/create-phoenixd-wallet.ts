import { createWallet, failed, paidResult, readFields, unknown } from "@l402/backend";
import type { LightningWallet } from "@l402/core";
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
  return createWallet({
    name: "phoenixd",
    label: "phoenixd",
    feeReserveMsat,

    async balanceMsat({ signal } = {}) {
      const answer = await backend.ask({ path: "/getbalance", signal });
      // The credit for fees in the same answer is not money: it can only be used for fees.
      return readFields("phoenixd", answer).whole("balanceSat") * 1000;
    },

    async send({ bolt11, paymentHash, amountMsat, timeoutSeconds, signal }) {
      const answer = await backend.ask({
        method: "POST",
        path: "/payinvoice",
        form: { invoice: bolt11 },
        pays: true,
        paymentSeconds: timeoutSeconds,
        signal,
      });
      const fields = readFields("phoenixd", answer);
      if (fields.optionalText("paymentPreimage") === undefined) {
        // phoenixd also refuses with HTTP 200. The invoice may have been paid before, or is being paid.
        fields.text("reason");
        return { result: failed("phoenixd refused to pay the invoice."), isOver: true, lookUp: true };
      }
      const feeMsat = exactFee(fields.optionalWhole("routingFeeSat") ?? Number.NaN, feeReserveMsat(amountMsat));
      return { result: paidResult("phoenixd", paymentHash, fields.find("paymentPreimage"), feeMsat), isOver: true };
    },

    async find(paymentHash, signal) {
      const answer = await backend.ask({ path: `/payments/outgoingbyhash/${paymentHash}`, accept: [404], signal });
      if (isNotFound(answer)) return { status: "not-found" };
      const fields = readFields("phoenixd", answer);
      if (fields.text("paymentHash") !== paymentHash) throw fields.unknownValue("paymentHash");
      if (fields.flag("isPaid")) {
        return paidResult("phoenixd", paymentHash, fields.find("preimage"), fields.optionalWhole("fees") ?? Number.NaN);
      }
      // If there are several attempts, phoenixd shows a paid or a pending one first. Only a pending attempt has no end.
      const isOver = fields.optionalWhole("completedAt") !== undefined;
      return isOver ? failed("phoenixd could not pay the invoice.") : unknown("phoenixd has not finished the payment.");
    },
  });
}

/**
 * The exact fee. phoenixd tells it in whole sats, rounded down. If that is the expected fee, rounded down, then the expected
 * fee is the exact one.
 */
const exactFee = (feeSat: number, reserveMsat: number): number =>
  feeSat === Math.floor(reserveMsat / 1000) ? reserveMsat : feeSat * 1000;
