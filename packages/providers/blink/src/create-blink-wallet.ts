import { createWallet, type Fields, failed, invoiceIn, paidResult, readFields, unknown } from "@l402/backend";
import { L402Error, type LightningWallet } from "@l402/core";
import { type BlinkOptions, createBlinkBackend } from "./blink-backend.ts";
import { LOOK_UP_PAYMENTS, PAY_INVOICE } from "./blink-documents.ts";
import { firstErrorCode } from "./blink-error.ts";

/**
 * With these codes, Blink has ended the payment or has never begun it. Other codes may come while the same payment is
 * under way.
 */
const IS_OVER =
  /^(INSUFFICIENT_BALANCE|CANT_PAY_SELF|TRANSACTION_RESTRICTED|INVOICE_DECODE_ERROR|ROUTE_FINDING_ERROR|LIGHTNING_PAYMENT_ERROR|INVALID_INPUT|NOT_FOUND|OPERATION_RESTRICTED|LND_OFFLINE|DEALER_ERROR|DEALER_OFFLINE|PRICE_SERVICE_OFFLINE)$/;

/**
 * Pays with a Blink account. Blink has no fee limit: it may take 0.5 %, at least 10 sats. If that is more than
 * `maxFeeMsat`, the payment fails before it is sent.
 */
export function createBlinkWallet(
  options: BlinkOptions,
): LightningWallet & Required<Pick<LightningWallet, "feeReserveMsat">> {
  const blink = createBlinkBackend("createBlinkWallet", options);
  return createWallet({
    name: "blink",
    label: "Blink",
    feeReserveMsat,

    async send({ bolt11, paymentHash, timeoutSeconds, signal }) {
      const answer = await blink.ask({
        document: PAY_INVOICE,
        variables: { input: { walletId: blink.walletId, paymentRequest: bolt11 } },
        pays: true,
        paymentSeconds: timeoutSeconds,
        signal,
      });
      const fields = readFields("Blink", answer);
      const error = firstErrorCode(fields.list("data.lnInvoicePaymentSend.errors"));
      const status = fields.optionalText("data.lnInvoicePaymentSend.status");
      if (status === "PENDING") return { result: unknown("Blink has not finished the payment."), isOver: false };
      if (status === "SUCCESS") {
        const body = fields.find("data.lnInvoicePaymentSend.transaction");
        const payment = readFields("Blink", { body, fundsMoved: "maybe" });
        return { result: paidResult("Blink", paymentHash, preimageOf(payment), feeOf(payment)), isOver: true };
      }
      // Blink also answers FAILURE if the invoice was paid before, is being paid, or was paid just now.
      const isOver = error?.code !== undefined && IS_OVER.test(error.code);
      const reason = `Blink refused to pay${error?.code ? ` (${error.code})` : ""}.`;
      return { result: isOver ? failed(reason) : unknown(reason), isOver, lookUp: true };
    },

    async find(paymentHash, signal) {
      const variables = { walletId: blink.walletId, paymentHash };
      const fields = readFields("Blink", await blink.ask({ document: LOOK_UP_PAYMENTS, variables, signal }));
      if (fields.find("data.me") === null) throw notLoggedIn();
      const payments = fields
        .list("data.me.defaultAccount.walletById.transactionsByPaymentHash")
        .map((payment) => readFields("Blink", { body: payment, fundsMoved: "no" }))
        // Money that came back from a payment has the same payment hash.
        .filter((payment) => payment.text("direction") === "SEND");
      const paid = payments.find((payment) => payment.text("status") === "SUCCESS");
      if (paid) return paidResult("Blink", paymentHash, preimageOf(paid), feeOf(paid));
      if (payments.some((payment) => payment.text("status") !== "FAILURE"))
        return unknown("Blink has not finished the payment.");
      return payments.length > 0 ? failed("Blink could not pay the invoice.") : { status: "not-found" };
    },
  });
}

/** The highest routing fee that Blink allows. Blink reserves it in advance, in whole sats. */
function feeReserveMsat(amountMsat: number): number {
  const sats = Math.ceil(amountMsat / 1000);
  return Math.max(10, Math.ceil(sats / 200)) * 1000 + sats * 1000 - amountMsat;
}

const preimageOf = (payment: Fields): unknown => payment.find("settlementVia.preImage");

/** The cost of a payment. Blink books whole sats, so the rounding up is part of the cost. */
function feeOf(payment: Fields): number {
  const amountMsat = Number(invoiceIn(payment.optionalText("initiationVia.paymentRequest"))?.amountMsat ?? 0n);
  const feeSats = payment.optionalWhole("settlementFee");
  // A dollar wallet reports its fee in cents. Return the highest fee that it may have taken, which is never too low.
  if (payment.optionalText("settlementCurrency") !== "BTC" || feeSats === undefined) return feeReserveMsat(amountMsat);
  return feeSats * 1000 + Math.ceil(amountMsat / 1000) * 1000 - amountMsat;
}

const notLoggedIn = () =>
  new L402Error("PROVIDER_UNAUTHORIZED", "Blink accepts the API key, but names no account for it.", {
    hint: "Check that the API key is complete and has the scope READ.",
  });
