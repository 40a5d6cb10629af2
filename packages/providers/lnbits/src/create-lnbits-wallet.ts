import { createWallet, failed, paidResult, readFields, unknown } from "@l402/backend";
import { checkOption, type LightningWallet } from "@l402/core";
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
  adminKey: string | undefined;
  /**
   * The highest fee that the server may take. Set it if the operator changed that fee or takes a service fee. Default:
   * that of LNbits, 1 %, or 2 sats if that is more.
   */
  feeReserveMsat?: ((amountMsat: number) => number) | undefined;
}

/**
 * Pays from a wallet of an LNbits server.
 *
 * LNbits has no fee limit: a payment may cost as much as the server reserves for it. If that is more than `maxFeeMsat`,
 * the payment fails before it is sent.
 */
export function createLnbitsWallet(
  options: LnbitsWalletOptions,
): LightningWallet & Required<Pick<LightningWallet, "feeReserveMsat">> {
  const backend = createLnbitsBackend("createLnbitsWallet", options, "adminKey", ["feeReserveMsat"]);
  const { feeReserveMsat = (amountMsat) => Math.max(2_000, Math.ceil(amountMsat / 100)) } = options;
  checkOption(typeof feeReserveMsat === "function", "createLnbitsWallet: feeReserveMsat", "a function of the amount");

  return createWallet({
    name: "lnbits",
    label: "LNbits",
    feeReserveMsat,

    async send({ bolt11, paymentHash, timeoutSeconds, signal }) {
      const answer = await backend.ask({
        method: "POST",
        path: "/api/v1/payments",
        json: { out: true, bolt11 },
        pays: true,
        accept: isRefusal,
        paymentSeconds: timeoutSeconds,
        signal,
      });
      // SECURITY: LNbits also answers "failed" when it is asked again to pay an invoice that it has paid. It answers
      // 400 to any fault before or after the payment (lnbits-traps.test.ts, "although it was paid"). Only a look-up
      // shows the outcome.
      if (isRefusal(answer)) {
        const isOver = isFinal(answer);
        const reason = `LNbits refused to pay (HTTP ${answer.status}).`;
        return { result: isOver ? failed(reason) : unknown(reason), isOver, lookUp: true };
      }
      const fields = readFields("LNbits", answer);
      if (fields.text("payment_hash").toLowerCase() !== paymentHash) throw fields.unknownValue("payment_hash");
      const status = fields.optionalText("status");
      if (status === "success") {
        const feeMsat = Math.abs(fields.whole("fee"));
        return { result: paidResult("LNbits", paymentHash, fields.find("preimage"), feeMsat), isOver: true };
      }
      // LNbits stops waiting after some seconds.
      if (status === "pending") return { result: unknown("LNbits has not finished the payment."), isOver: true };
      // Up to 0.12, LNbits answers only with the payment hash.
      return {
        result: unknown("LNbits accepted the payment, but did not report its outcome."),
        isOver: true,
        lookUp: true,
      };
    },

    async find(paymentHash, signal) {
      const answer = await backend.ask({ path: `/api/v1/payments/${paymentHash}`, accept: isNoPayment, signal });
      if (isNoPayment(answer)) return { status: "not-found" };
      const row = readRow(readFields("LNbits", answer), paymentHash);
      // LNbits shows the outgoing payment if there is one. An incoming payment here is an invoice of the same wallet.
      if (row.amountMsat > 0) return { status: "not-found" };
      if (row.paid) return paidResult("LNbits", paymentHash, row.preimage, row.feeMsat);
      return row.failed
        ? failed("LNbits says that the payment failed.")
        : unknown("LNbits has not finished the payment.");
    },
  });
}
