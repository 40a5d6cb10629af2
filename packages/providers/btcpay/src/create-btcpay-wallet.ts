import {
  type Answer,
  type Attempt,
  createWallet,
  type Fields,
  type FoundPayment,
  failed,
  invoiceIn,
  paidResult,
  readFields,
  resolvePayment,
  unknown,
} from "@l402/backend";
import { L402Error, type LightningWallet, type PaymentResult } from "@l402/core";
import { type BtcpayOptions, checkSameHash, codeOf, createBtcpayBackend } from "./btcpay-backend.ts";

/**
 * How long Core Lightning may try after its first try: BTCPay leaves it the default of 60 s, and its last try may be a
 * little later.
 */
const MAY_TRY_SECONDS = 65;
const MAX_REMEMBERED = 1_000;

/**
 * Pays with the Lightning node of a BTCPay store. Prefer an LND or Core Lightning node: BTCPay passes the fee limit to
 * the node, and phoenixd and LNDhub ignore it. BTCPay takes the limit in whole sats, so nothing is paid with a limit
 * below 1 sat.
 */
export function createBtcpayWallet(options: BtcpayOptions): LightningWallet {
  const { ask, lightning } = createBtcpayBackend("createBtcpayWallet", options);
  /** The payments for which this process heard that the node has given up. */
  const givenUp = new Set<string>();

  async function find(paymentHash: string, signal?: AbortSignal): Promise<FoundPayment> {
    const answer = await ask({ path: `${lightning}/payments/${paymentHash}`, accept: [404], signal });
    if (answer.status === 404) {
      // SECURITY: a payment for which a proxy answers 404 may have been made (btcpay-wallet.test.ts, "takes no other
      // 404 for").
      if (codeOf(answer) === "payment-not-found") return { status: "not-found" };
      throw new L402Error("PROVIDER_BAD_RESPONSE", "BTCPay answered HTTP 404, but not about the payment.");
    }
    const result = resultOf(answer, paymentHash);
    checkSameHash(answer, paymentHash);
    // SECURITY: Core Lightning lists a payment as failed between two tries. After a restart, this process does not know
    // whether the node has given up (btcpay-core-lightning.test.ts, "after a restart").
    const triedAt = readFields("BTCPay", answer).optionalWhole("createdAt") ?? 0;
    const mayTry = !givenUp.has(paymentHash) && Date.now() < (triedAt + MAY_TRY_SECONDS) * 1000;
    return result.status === "failed" && mayTry ? UNFINISHED : result;
  }

  return createWallet({
    name: "btcpay",
    label: "BTCPay",
    // Core Lightning would send the same payment twice if it were asked twice at once, or while it still tries.
    sharesAttempts: true,
    earlier: async (paymentHash, isInDoubt) =>
      isInDoubt ? resolvePayment(() => find(paymentHash), UNFINISHED) : undefined,

    async send({ bolt11, paymentHash, maxFeeMsat, timeoutSeconds, signal }) {
      // SECURITY: with LND, BTCPay reads a limit of 0 as no limit, and then the fee may be as high as the amount itself
      // (btcpay-wallet.test.ts, "sends no fee limit of zero").
      const maxFeeFlat = Math.floor(maxFeeMsat / 1000);
      if (maxFeeFlat < 1)
        return refused(failed("BTCPay limits fees in whole sats, so maxFeeMsat must be at least 1000."));
      const answer = await ask({
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
        // 503 is any error that BTCPay does not expect, such as what Core Lightning says to an invoice that it has paid.
        accept: [400, 503],
        paymentSeconds: timeoutSeconds,
        signal,
      });
      if (answer.status >= 400) {
        const reason = whyItGaveUp(answer);
        // SECURITY: every other error leaves it open. BTCPay hangs up after `sendTimeout`, while Core Lightning tries on,
        // and reports what is listed at that moment (btcpay-core-lightning.test.ts, "while the node still tries").
        // "Already in progress" is an error too (btcpay-wallet.test.ts, "an error that says no more").
        if (reason === undefined) return { result: UNCLEAR, isOver: false, lookUp: true };
        if (givenUp.size >= MAX_REMEMBERED) givenUp.clear();
        givenUp.add(paymentHash);
        return refused(failed(reason));
      }
      const result = resultOf(answer, paymentHash, maxFeeMsat);
      // BTCPay says that it paid, but shows one of several attempts.
      if (result.status === "failed")
        return { result: unknown("BTCPay calls the payment complete and failed at the same time."), isOver: true };
      // Old servers omit the preimage in the first answer.
      const isComplete = result.status === "paid" || (result.status === "unknown" && result.withoutPreimage === true);
      return { result, isOver: isComplete, lookUp: isComplete && result.status !== "paid" };
    },

    find,
  });
}

const refused = (result: PaymentResult): Attempt => ({ result, isOver: true, lookUp: true });

const UNCLEAR = unknown("BTCPay reports an error that does not tell whether the payment was made.");
const UNFINISHED = unknown("BTCPay has not finished the payment.");

/** The reason for which the node has given up; `undefined` if BTCPay does not tell whether it has. */
function whyItGaveUp(answer: Answer): string | undefined {
  if (codeOf(answer) === "could-not-find-route")
    return "BTCPay's node found no route to the payee within the fee limit.";
  // LND's own words for the end of a payment, which BTCPay repeats.
  const [reason] =
    /^FAILURE_REASON_[A-Z_]{1,40}$/.exec(readFields("BTCPay", answer).optionalText("message") ?? "") ?? [];
  return reason && `LND could not pay the invoice (${reason}).`;
}

/**
 * The fee in msat, or NaN if BTCPay does not report it.
 *
 * SECURITY: an unknown fee does not count as zero (btcpay-wallet.test.ts, "a fee that BTCPay does not tell").
 */
function feeOf({ optionalWhole, optionalText }: Fields, maxFeeMsat = Number.NaN): number {
  const [feeMsat, totalMsat] = [optionalWhole("feeAmount"), optionalWhole("totalAmount")];
  const amountMsat = invoiceIn(optionalText("BOLT11"))?.amountMsat;
  return feeMsat ?? (totalMsat && amountMsat ? totalMsat - Number(amountMsat) : maxFeeMsat);
}

/** Reads the outcome from the payment's status, because the bodies of HTTP 200 and 202 look alike. */
function resultOf(answer: Answer, paymentHash: string, maxFeeMsat?: number): PaymentResult {
  const fields = readFields("BTCPay", answer);
  switch (fields.text("status")) {
    case "Complete":
      return paidResult("BTCPay", paymentHash, fields.find("preimage"), feeOf(fields, maxFeeMsat));
    case "Failed":
      return failed("BTCPay's node could not pay the invoice.");
    case "Pending":
    case "Unknown":
      return UNFINISHED;
    default:
      throw fields.unknownValue("status");
  }
}
