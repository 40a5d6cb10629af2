import type { Clock, LightningWallet, PaymentResult } from "@l402/core";
import type { RetryableSendFailure } from "lightningdevkit";
import type { LdkNode } from "./ldk-node.ts";
import { bytesOf, errorOf } from "./ldk-values.ts";
import type { Ldk } from "./load-ldk.ts";
import type { MessagePump } from "./message-pump.ts";
import { type PayableInvoice, readInvoice } from "./payable-invoice.ts";
import type { PaymentLedger } from "./payment-ledger.ts";

interface RegtestWalletParts {
  ldk: Ldk;
  node: LdkNode;
  pump: MessagePump;
  ledger: PaymentLedger;
  clock: Clock;
  isClosed(): boolean;
}

const DEFAULT_TIMEOUT_SECONDS = 60;
/** A line of nodes has no second route, and a payment that comes back after the timeout must not be sent again. */
const RETRIES = 0;

/** Creates the buyer's side of a node. */
export function createRegtestWallet({ ldk, node, pump, ledger, clock, isClosed }: RegtestWalletParts): LightningWallet {
  /** Sends a payment. Returns a reason if it could not be sent, so that no money can have moved. */
  function send(invoice: PayableInvoice, maxFeeMsat: number): string | undefined {
    const { paymentHash, amountMsat, onion, route } = invoice;
    route.set_max_total_routing_fee_msat(ldk.Option_u64Z.constructor_some(BigInt(maxFeeMsat)));
    // Use one part, so that the fee of a payment is what the routing nodes charge for one part.
    route.get_payment_params().set_max_path_count(1);
    const id = bytesOf(paymentHash);
    const sent = node.channels.send_payment(id, onion, id, route, ldk.Retry.constructor_attempts(RETRIES));
    const failures = ldk.RetryableSendFailure;
    switch (errorOf<RetryableSendFailure>(sent)) {
      case undefined:
      // The payment was sent before, and only the ledger has forgotten it. Its outcome stays unknown.
      case failures.LDKRetryableSendFailure_DuplicatePayment:
        return undefined;
      case failures.LDKRetryableSendFailure_RouteNotFound:
        return noRoute(amountMsat);
      default:
        return "the node refused to send it";
    }
  }

  function noRoute(amountMsat: number): string {
    const channels = node.channels.list_usable_channels();
    const amount = BigInt(amountMsat);
    if (channels.length === 0) return "the node has no channel in use: it or its peer is offline";
    if (channels.every((channel) => channel.get_outbound_capacity_msat() < amount)) return "the balance is too low";
    if (channels.every((channel) => channel.get_next_outbound_htlc_limit_msat() < amount))
      return "the channel has no room for it: too much is under way, or is kept back for fees";
    return "there is no route to the payee within the fee limit";
  }

  return {
    name: "regtest",
    async payInvoice({ bolt11, maxFeeMsat, timeoutSeconds = DEFAULT_TIMEOUT_SECONDS, signal }) {
      const invoice = readInvoice(ldk, bolt11);
      if (typeof invoice === "string") return failed(invoice);
      const { paymentHash } = invoice;

      const earlier = ledger.find(paymentHash);
      if (earlier && earlier.status !== "failed") return ledger.wait(paymentHash, { timeoutSeconds, signal });

      if (isClosed()) return failed("the regtest was closed");
      if (signal?.aborted) return failed("the caller gave up before anything was sent");
      if (!(timeoutSeconds > 0)) return failed("the timeout is not above 0 seconds");
      if (!Number.isSafeInteger(maxFeeMsat) || maxFeeMsat < 0)
        return failed("the fee limit is not a whole number from 0");
      if (clock() >= invoice.expiresAt) return failed("the invoice has expired");

      ledger.start(paymentHash);
      const problem = send(invoice, maxFeeMsat);
      if (problem) ledger.finish(paymentHash, failed(problem));
      pump.wake();
      return ledger.wait(paymentHash, { timeoutSeconds, signal });
    },
    async lookupPayment(paymentHash) {
      return ledger.find(paymentHash) ?? { status: "not-found" };
    },
  };
}

const failed = (reason: string): PaymentResult => ({ status: "failed", reason });
