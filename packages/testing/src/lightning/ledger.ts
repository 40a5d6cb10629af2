import { createHash, randomBytes } from "node:crypto";
import type { Clock, Invoice, InvoiceState, PaymentResult } from "@l402/core";

/** An invoice as a test sees it. */
export interface FakeInvoice extends Invoice {
  description: string;
  status: "open" | "expired" | "canceled" | "settled";
  /** The amount that arrived, if it differs from the amount of the invoice. */
  receivedMsat?: number;
}

/** A payment as a test sees it. */
export interface FakePayment {
  paymentHash: string;
  amountMsat: number;
  feeMsat: number;
  status: "paid" | "failed" | "in-flight";
}

/** An invoice in the ledger. The ledger keeps the preimage until a payer has paid. */
interface LedgerInvoice {
  readonly given: Invoice;
  readonly description: string;
  readonly paymentHash: string;
  readonly preimage: string;
  /** After this instant, the invoice cannot be paid any more. */
  readonly expiresAt: Date;
  state: "open" | "canceled" | "settled";
  settledAt?: Date;
  receivedMsat?: number;
}

export interface Ledger {
  readonly invoices: Map<string, LedgerInvoice>;
  readonly payments: Map<string, FakePayment>;
  balanceMsat: number;
  stateOf(invoice: LedgerInvoice): InvoiceState;
  /** Takes the money out of the wallet. It has not arrived yet. */
  send(payment: Omit<FakePayment, "status">): void;
  /** Settles an invoice: by the wallet's payment, if one is under way, or else by a stranger's payment. */
  settle(paymentHash: string, receivedMsat?: number): string;
  cancel(paymentHash: string): void;
  resultOf(payment: FakePayment): PaymentResult;
}

/** Creates the ledger of the fake node: its invoices, and the payments of its wallet. */
export function createLedger(clock: Clock, balanceMsat: number): Ledger {
  const invoices = new Map<string, LedgerInvoice>();
  const payments = new Map<string, FakePayment>();

  const find = (paymentHash: string): LedgerInvoice => {
    const invoice = invoices.get(paymentHash);
    if (!invoice) throw new Error("This fake Lightning node has no invoice with that payment hash.");
    return invoice;
  };
  const underWay = (paymentHash: string): FakePayment | undefined => {
    const payment = payments.get(paymentHash);
    return payment?.status === "in-flight" ? payment : undefined;
  };

  const ledger: Ledger = {
    invoices,
    payments,
    balanceMsat,
    stateOf({ state, expiresAt, preimage, settledAt = clock(), receivedMsat }) {
      const received = receivedMsat === undefined ? {} : { receivedMsat };
      if (state === "settled") return { status: "settled", preimage, settledAt, ...received };
      if (state === "open" && clock() >= expiresAt) return { status: "expired" };
      return { status: state };
    },
    send(payment) {
      ledger.balanceMsat -= payment.amountMsat + payment.feeMsat;
      payments.set(payment.paymentHash, { ...payment, status: "in-flight" });
    },
    settle(paymentHash, receivedMsat) {
      const invoice = find(paymentHash);
      const payment = underWay(paymentHash);
      const { status } = ledger.stateOf(invoice);
      if (status === "settled") return invoice.preimage;
      if (status === "canceled" || (status === "expired" && !payment)) {
        throw new Error(`This invoice cannot be paid: it is ${status}.`);
      }
      invoice.state = "settled";
      invoice.settledAt = clock();
      if (receivedMsat !== undefined) invoice.receivedMsat = receivedMsat;
      if (payment) payment.status = "paid";
      return invoice.preimage;
    },
    cancel(paymentHash) {
      const invoice = find(paymentHash);
      if (invoice.state === "settled") throw new Error("This invoice was paid and cannot be cancelled.");
      invoice.state = "canceled";
      const payment = underWay(paymentHash);
      if (!payment) return;
      payment.status = "failed";
      ledger.balanceMsat += payment.amountMsat + payment.feeMsat;
    },
    resultOf({ paymentHash, feeMsat, status }) {
      if (status === "paid") return { status, preimage: find(paymentHash).preimage, feeMsat };
      if (status === "failed") return { status, reason: "The payment failed." };
      return { status: "unknown", reason: "The payment is under way." };
    },
  };
  return ledger;
}

/** Creates a preimage and its hash, as a payee does for an invoice. */
export function newPreimage(): { preimage: string; paymentHash: string } {
  const preimage = randomBytes(32);
  return { preimage: preimage.toString("hex"), paymentHash: createHash("sha256").update(preimage).digest("hex") };
}
