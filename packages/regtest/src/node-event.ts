import type { ChannelId, Event, PaymentFailureReason } from "lightningdevkit";
import { hexOf, someOf } from "./ldk-values.ts";
import type { Ldk } from "./load-ldk.ts";

/** The events of an LDK node that need a reaction here. */
export type NodeEvent =
  | { type: "channel-wants-funding"; temporaryId: ChannelId; peer: Uint8Array; amountSats: bigint; script: Uint8Array }
  | { type: "forwards-waiting" }
  /** The payment has arrived, and can be claimed or sent back. */
  | { type: "payment-arrived"; paymentHash: string; amountMsat: number; preimage: string | undefined }
  | { type: "payment-claimed"; paymentHash: string }
  | { type: "payment-sent"; paymentHash: string; preimage: string; feeMsat: number }
  | { type: "payment-failed"; paymentHash: string; reason: string };

/** Translates an event of LDK; `undefined` for events that need no reaction. */
export function nodeEventOf(ldk: Ldk, event: Event): NodeEvent | undefined {
  if (event instanceof ldk.Event_PendingHTLCsForwardable) return { type: "forwards-waiting" };
  if (event instanceof ldk.Event_PaymentClaimable) {
    const preimage = someOf<Uint8Array>(event.purpose.preimage());
    return {
      type: "payment-arrived",
      paymentHash: hexOf(event.payment_hash),
      amountMsat: Number(event.amount_msat),
      preimage: preimage && hexOf(preimage),
    };
  }
  if (event instanceof ldk.Event_PaymentClaimed) {
    return { type: "payment-claimed", paymentHash: hexOf(event.payment_hash) };
  }
  if (event instanceof ldk.Event_PaymentSent) {
    return {
      type: "payment-sent",
      paymentHash: hexOf(event.payment_hash),
      preimage: hexOf(event.payment_preimage),
      // LDK forgets the fee of a payment that it was told to abandon, but no payment is abandoned here.
      feeMsat: Number(someOf<bigint>(event.fee_paid_msat)),
    };
  }
  if (event instanceof ldk.Event_PaymentFailed) {
    const reason = someOf<PaymentFailureReason>(event.reason);
    // The wallet uses the payment hash as the id of a payment.
    return { type: "payment-failed", paymentHash: hexOf(event.payment_id), reason: failureText(ldk, reason) };
  }
  if (event instanceof ldk.Event_FundingGenerationReady) {
    return {
      type: "channel-wants-funding",
      temporaryId: event.temporary_channel_id,
      peer: event.counterparty_node_id,
      amountSats: event.channel_value_satoshis,
      script: event.output_script,
    };
  }
  return undefined;
}

function failureText({ PaymentFailureReason: reasons }: Ldk, reason: PaymentFailureReason | undefined): string {
  switch (reason) {
    case reasons.LDKPaymentFailureReason_RecipientRejected:
      return "the payee sent the payment back";
    case reasons.LDKPaymentFailureReason_RetriesExhausted:
    case reasons.LDKPaymentFailureReason_RouteNotFound:
      return "no route reached the payee";
    case reasons.LDKPaymentFailureReason_PaymentExpired:
      return "the invoice expired";
    default:
      return "the payment came back";
  }
}
