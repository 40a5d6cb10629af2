import type { Clock, InvoiceState } from "@l402/core";
import { createBoundedMap } from "./bounded-map.ts";
import type { LdkNode } from "./ldk-node.ts";
import { bytesOf } from "./ldk-values.ts";
import type { MessagePump } from "./message-pump.ts";
import type { NodeEvent } from "./node-event.ts";
import { type OpenHold, openHold, type PaymentHold } from "./payment-hold.ts";

/** The invoices of a node, and their states. */
export interface IncomingPayments {
  book(invoice: { paymentHash: string; amountMsat: number; expiresAt: Date }): void;
  /** Returns the state of an invoice; `undefined` for an invoice of another node. */
  stateOf(paymentHash: string): InvoiceState | undefined;
  cancel(paymentHash: string): void;
  hold(): PaymentHold;
  onEvent(event: NodeEvent): void;
  close(): void;
}

interface BookedInvoice {
  readonly amountMsat: number;
  readonly expiresAt: Date;
  state: "open" | "held" | "claimed" | "settled" | "canceled";
  /**
   * SECURITY: the preimage is known as soon as a payment arrives, but is revealed only once it is settled (test:
   * unknown-outcome.test.ts).
   */
  preimage?: string;
  settledAt?: Date;
}

const REMEMBERED_INVOICES = 10_000;

/** Creates the records of a node that receives payments. */
export function createIncomingPayments(node: LdkNode, pump: MessagePump, clock: Clock): IncomingPayments {
  const isOver = ({ state, expiresAt }: BookedInvoice) =>
    state === "settled" || state === "canceled" || (state === "open" && clock() >= expiresAt);
  const invoices = createBoundedMap<BookedInvoice>(REMEMBERED_INVOICES, isOver);
  let holding: OpenHold | undefined;

  function arrive(paymentHash: string, amountMsat: number, preimage: string | undefined): void {
    const invoice = invoices.get(paymentHash);
    // SECURITY: a payment is sent back if it is a second one, late, or for a forgotten invoice (test:
    // provider.test.ts). LDK would accept it.
    if (!invoice || !preimage || invoice.state !== "open" || isOver(invoice) || amountMsat < invoice.amountMsat) {
      sendBack(paymentHash);
      return;
    }
    invoice.preimage = preimage;
    if (!holding) {
      claim(paymentHash, invoice);
      return;
    }
    invoice.state = "held";
    holding.add(paymentHash);
  }

  function claim(paymentHash: string, invoice: BookedInvoice): void {
    if (invoice.preimage === undefined) throw new Error(`No payment has arrived for the invoice ${paymentHash}.`);
    invoice.state = "claimed";
    node.channels.claim_funds(bytesOf(invoice.preimage));
    pump.wake();
  }

  function sendBack(paymentHash: string): void {
    node.channels.fail_htlc_backwards(bytesOf(paymentHash));
    pump.wake();
  }

  function settle(paymentHash: string): void {
    const invoice = invoices.get(paymentHash);
    if (!invoice) return;
    invoice.state = "settled";
    invoice.settledAt = clock();
  }

  async function release(paymentHashes: string[], how: "claim" | "fail-back"): Promise<void> {
    holding = undefined;
    for (const paymentHash of paymentHashes) {
      const invoice = invoices.get(paymentHash);
      if (!invoice) continue;
      if (how === "claim") {
        claim(paymentHash, invoice);
      } else {
        invoice.state = "open";
        sendBack(paymentHash);
      }
    }
    await pump.idle();
  }

  return {
    book({ paymentHash, amountMsat, expiresAt }) {
      invoices.set(paymentHash, { amountMsat, expiresAt, state: "open" });
    },
    stateOf(paymentHash) {
      const invoice = invoices.get(paymentHash);
      if (!invoice) return undefined;
      const { state, preimage, settledAt } = invoice;
      if (state === "settled" && preimage && settledAt) return { status: "settled", preimage, settledAt };
      if (state === "canceled") return { status: "canceled" };
      return { status: isOver(invoice) ? "expired" : "open" };
    },
    cancel(paymentHash) {
      const invoice = invoices.get(paymentHash);
      if (!invoice) throw new Error("This node has no invoice with that payment hash.");
      const { state } = invoice;
      if (state === "settled" || state === "claimed") throw new Error("This invoice was paid and cannot be canceled.");
      invoice.state = "canceled";
      if (state !== "held") return;
      holding?.remove(paymentHash);
      sendBack(paymentHash);
    },
    hold() {
      if (holding)
        throw new Error("This node already holds payments. Release the first hold before you start another one.");
      holding = openHold(release);
      return holding.hold;
    },
    onEvent(event) {
      if (event.type === "payment-arrived") arrive(event.paymentHash, event.amountMsat, event.preimage);
      if (event.type === "payment-claimed") settle(event.paymentHash);
    },
    close() {
      holding?.close();
    },
  };
}
