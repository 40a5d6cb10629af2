import { createWallet, failed, paidResult, readFields, unknown } from "@l402/backend";
import { checkOption, type LightningWallet } from "@l402/core";
import { type AlbyOptions, createNwcConnection } from "./nwc-connection.ts";
import { refusalError } from "./nwc-error.ts";
import { readTransaction } from "./read-transaction.ts";

export interface AlbyWalletOptions extends AlbyOptions {
  /** The highest fee that the wallet may take, if it is not Alby Hub. Default 1 %, or 10 sats if that is more. */
  feeReserveMsat?: ((amountMsat: number) => number) | undefined;
}

/** With these codes, the wallet has not even looked at the invoice. */
const NOT_ALLOWED = /^(RATE_LIMITED|NOT_IMPLEMENTED|RESTRICTED|UNAUTHORIZED|EXPIRED|UNSUPPORTED_ENCRYPTION)$/;
/** With these codes, the wallet has not tried to pay this time. An earlier try is possible. */
const NOT_TRIED = /^(INSUFFICIENT_BALANCE|QUOTA_EXCEEDED|BAD_REQUEST)$/;
/** A wallet that refuses later than this may only have lost its node: Alby Hub on phoenixd gives up after 90 seconds. */
const PROMPT_MS = 60_000;
/** No Lightning payment is under way for longer: nodes allow 2016 blocks, which take two weeks. */
const LONGEST_PAYMENT_MS = 21 * 86_400_000;
const REMEMBERED = 1000;

/**
 * Pays with Alby Hub, or another wallet that speaks Nostr Wallet Connect.
 *
 * The protocol has no fee limit: Alby Hub may take 1 %, at least 10 sats. If that is more than `maxFeeMsat`, the
 * payment fails before it is sent.
 */
export function createAlbyWallet(
  options: AlbyWalletOptions,
): LightningWallet & Required<Pick<LightningWallet, "feeReserveMsat">> {
  const nwc = createNwcConnection("createAlbyWallet", options, ["feeReserveMsat"]);
  const { feeReserveMsat = (amountMsat) => Math.max(10_000, Math.ceil(amountMsat / 100)) } = options;
  /** The payments that the wallet refused at once. While it can be asked all along, its word on them counts. */
  const refusals = new Set<string>();
  function noteRefusal(paymentHash: string): void {
    refusals.add(paymentHash);
    if (refusals.size > REMEMBERED) refusals.delete(refusals.values().next().value as string);
  }
  checkOption(typeof feeReserveMsat === "function", "createAlbyWallet: feeReserveMsat", "a function of the amount");

  return createWallet({
    name: "alby",
    label: "The wallet",
    feeReserveMsat,

    async send({ bolt11, paymentHash, amountMsat, timeoutSeconds: seconds, signal }) {
      refusals.delete(paymentHash);
      const askedAt = performance.now();
      const reply = await nwc.ask({ method: "pay_invoice", params: { invoice: bolt11 }, seconds, signal });
      if ("refused" in reply) {
        const { refused } = reply;
        if (NOT_ALLOWED.test(refused)) throw refusalError(refused, "pay_invoice");
        const reason = `The wallet refused to pay (${refused}).`;
        // A wallet also answers INTERNAL for an invoice that it has already paid.
        const result = NOT_TRIED.test(refused) ? failed(reason) : unknown(reason);
        if (performance.now() - askedAt < PROMPT_MS) noteRefusal(paymentHash);
        // The wallet has answered, so this attempt is over, whatever its outcome.
        return { result, isOver: true, lookUp: true };
      }
      const fields = readFields("The wallet", { body: reply.result, fundsMoved: "maybe" });
      const feeMsat = fields.optionalWhole("fees_paid") ?? feeReserveMsat(amountMsat);
      return { result: paidResult("The wallet", paymentHash, fields.find("preimage"), feeMsat), isOver: true };
    },

    async find(paymentHash, signal) {
      const wasRefused = refusals.delete(paymentHash);
      const reply = await nwc.ask({ method: "lookup_invoice", params: { payment_hash: paymentHash }, signal });
      if ("refused" in reply) {
        if (reply.refused === "NOT_FOUND") return { status: "not-found" };
        throw refusalError(reply.refused, "lookup_invoice");
      }
      const { type, state, preimage, amountMsat = 0, feeMsat, createdAt } = readTransaction(reply.result, paymentHash);
      if (type !== "outgoing")
        return unknown("The wallet shows the invoice as its own, and does not show whether it also paid it.");
      if (state === "settled") {
        return paidResult("The wallet", paymentHash, preimage, feeMsat ?? feeReserveMsat(amountMsat));
      }
      if (state === "open") return unknown("The wallet has not finished the payment.");
      // SECURITY: Alby Hub also writes "failed" when it loses its node, and later "expired" over all but "settled", while the
      // payment goes on (alby-wallet.test.ts, "does not believe").
      const isOld = createdAt !== undefined && Date.now() - createdAt.getTime() > LONGEST_PAYMENT_MS;
      const isRefused = wasRefused && state === "failed";
      if (isRefused) noteRefusal(paymentHash);
      return isOld || isRefused
        ? failed("The wallet could not pay the invoice.")
        : unknown(`The wallet shows the payment as ${state}. Its node may still make it, for three weeks at most.`);
    },
  });
}
