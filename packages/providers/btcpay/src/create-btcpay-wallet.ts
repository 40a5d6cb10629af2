import {
  type Answer,
  createDoubts,
  createOngoing,
  type Fields,
  paidResult,
  payOnce,
  type Question,
  readFields,
  resolvePayment,
} from "@l402/backend";
import {
  type DecodedInvoice,
  L402Error,
  type LightningWallet,
  type PayInvoiceInput,
  type PaymentResult,
} from "@l402/core";
import { type BtcpayOptions, checkSameHash, codeOf, createBtcpayBackend, invoiceIn } from "./btcpay-backend.ts";

/**
 * Pays with the Lightning node of a BTCPay store. Prefer an LND or Core Lightning node: BTCPay passes the fee limit to
 * the node, and phoenixd and LNDhub ignore it. BTCPay takes the limit in whole sats, so nothing is paid with a limit
 * below 1 sat.
 */
export function createBtcpayWallet(options: BtcpayOptions): LightningWallet {
  const { ask, lightning } = createBtcpayBackend("createBtcpayWallet", options);
  const doubts = createDoubts();
  // Core Lightning would send the same payment twice if it were asked twice at once.
  const once = createOngoing<PaymentResult>();

  async function lookupPayment(paymentHash: string, { signal }: { signal?: AbortSignal | undefined } = {}) {
    const path = `${lightning}/payments/${encodeURIComponent(paymentHash)}`;
    const answer = await ask({ path, accept: [404], signal });
    if (answer.status === 404) {
      // SECURITY: a payment for which a proxy answers 404 may have been made (btcpay-wallet.test.ts, "takes no other
      // 404 for"), and a payment that BTCPay has not begun may only be late (btcpay-wallet.test.ts, "what a look-up may
      // overtake").
      if (codeOf(answer) === "payment-not-found") return doubts.weigh(paymentHash, { status: "not-found" });
      throw new L402Error("PROVIDER_BAD_RESPONSE", "BTCPay answered HTTP 404, but not about the payment.");
    }
    const result = resultOf(answer, paymentHash);
    checkSameHash(answer, paymentHash);
    // SECURITY: BTCPay may be showing an earlier attempt (btcpay-wallet.test.ts, "an earlier failure").
    return doubts.weigh(paymentHash, result);
  }

  async function pay(input: PayInvoiceInput, { paymentHash, expiresAt }: DecodedInvoice): Promise<PaymentResult> {
    const { bolt11, maxFeeMsat, timeoutSeconds = 60, signal } = input;
    const lookUp = () => lookupPayment(paymentHash, { signal });
    // SECURITY: with LND, BTCPay reads a limit of 0 as no limit. LND then pays a fee of up to the amount itself
    // (btcpay-wallet.test.ts, "sends no fee limit of zero").
    const maxFeeFlat = Math.floor(maxFeeMsat / 1000);
    // SECURITY: an invoice that is refused now may have been paid before (btcpay-wallet.test.ts, "paid before").
    if (maxFeeFlat < 1) return resolvePayment(lookUp, TOO_LOW);
    // With LND, BTCPay would answer 503, as if its node were down.
    if (expiresAt <= new Date()) return resolvePayment(lookUp, EXPIRED);
    const question: Question = {
      method: "POST",
      path: `${lightning}/invoices/pay`,
      json: {
        BOLT11: bolt11,
        maxFeeFlat: String(maxFeeFlat),
        // By default, Eclair allows 3 % in addition to the flat limit.
        maxFeePercent: "0",
        sendTimeout: Math.ceil(timeoutSeconds),
      },
      pays: true,
      accept: [400],
      paymentSeconds: timeoutSeconds,
      signal,
    };
    const answer = await doubts.during(paymentHash, () => ask(question));
    // SECURITY: Core Lightning reports "already in progress" as an error too, and LNDhub does not list a payment that
    // is under way. Only one error code says that no payment is under way (btcpay-wallet.test.ts, "an error that says
    // no more").
    if (answer.status === 400) {
      return resolvePayment(lookUp, codeOf(answer) === "could-not-find-route" ? NO_ROUTE : UNCLEAR);
    }
    const result = resultOf(answer, paymentHash, maxFeeMsat);
    // BTCPay says that it paid, but shows one of several attempts.
    if (result.status === "failed") return { status: "unknown", reason: "BTCPay contradicts itself." };
    if (readFields("BTCPay", answer).find("status") !== "Complete" || result.status === "paid") return result;
    // Old servers omit the preimage in the first answer.
    const found = await resolvePayment(lookUp, result);
    return found.status === "paid" ? found : result;
  }

  return {
    name: "btcpay",
    payInvoice: (input) => payOnce(input, (invoice) => once(invoice.paymentHash, () => pay(input, invoice)), doubts),
    lookupPayment,
  };
}

const EXPIRED = { status: "failed", reason: "The invoice has expired." } as const;
const NO_ROUTE = {
  status: "failed",
  reason: "BTCPay's node found no route to the payee within the fee limit.",
} as const;
const UNCLEAR = { status: "unknown", reason: "BTCPay could not pay, and does not say what became of it." } as const;
const TOO_LOW = { status: "failed", reason: "BTCPay limits fees in whole sats; allow 1 sat at least." } as const;

/**
 * The fee in msat, or NaN if BTCPay does not report it.
 *
 * SECURITY: an unknown fee does not count as zero (btcpay-wallet.test.ts, "a fee that BTCPay does not tell").
 */
function feeOf({ optionalWhole, optionalText }: Fields, maxFeeMsat = Number.NaN): number {
  const [feeMsat, totalMsat] = [optionalWhole("feeAmount"), optionalWhole("totalAmount")];
  const amountMsat = invoiceIn(optionalText("BOLT11") ?? "")?.amountMsat;
  return feeMsat ?? (totalMsat && amountMsat ? totalMsat - Number(amountMsat) : maxFeeMsat);
}

/** Reads the outcome from the payment's status, because the bodies of HTTP 200 and 202 look alike. */
function resultOf(answer: Answer, paymentHash: string, maxFeeMsat?: number): PaymentResult {
  const fields = readFields("BTCPay", answer);
  switch (fields.text("status")) {
    case "Complete":
      return paidResult("BTCPay", paymentHash, fields.find("preimage"), feeOf(fields, maxFeeMsat));
    case "Failed":
      return { status: "failed", reason: "BTCPay's node could not pay the invoice." };
    case "Pending":
    case "Unknown":
      return { status: "unknown", reason: "BTCPay has no final answer yet." };
    default:
      throw fields.unknownValue("status");
  }
}
