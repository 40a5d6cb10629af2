import { type DecodedInvoice, decodeInvoice, type Network } from "@l402/bolt11";
import type { Clock, LightningWallet, PaymentResult } from "@l402/core";
import { type FakeCall, type Faults, type PaymentFault, underFault } from "./faults.ts";
import { type Ledger, newPreimage } from "./ledger.ts";

export interface FakeWalletParts {
  ledger: Ledger;
  faults: Faults;
  clock: Clock;
  network: Network;
  feeMsat: number;
  count(call: FakeCall): void;
}

/** The buyer's side of the fake node. */
export function createFakeWallet(parts: FakeWalletParts): LightningWallet {
  const { ledger, faults, count } = parts;
  return {
    name: "fake",
    async payInvoice({ bolt11, maxFeeMsat, signal }) {
      count("payInvoice");
      if (signal?.aborted) return failed("the caller gave up before anything was sent");
      const fault = faults.take("payInvoice");
      try {
        return await underFault(fault, signal, () => pay(parts, bolt11, maxFeeMsat, fault as PaymentFault | undefined));
      } catch (error) {
        // Real wallets cannot call back a payment either: a caller that gives up must look it up.
        if (signal?.aborted) return { status: "unknown", reason: "the caller gave up" };
        throw error;
      }
    },
    async lookupPayment(paymentHash) {
      count("lookupPayment");
      return underFault(faults.take("lookupPayment"), undefined, () => {
        const payment = ledger.payments.get(paymentHash);
        return payment ? ledger.resultOf(payment) : { status: "not-found" as const };
      });
    },
  };
}

function pay(parts: FakeWalletParts, bolt11: string, maxFeeMsat: number, fault?: PaymentFault): PaymentResult {
  const { ledger, feeMsat } = parts;
  const invoice = decode(bolt11);
  if (!invoice) return failed("this is not a BOLT11 invoice");
  const { paymentHash } = invoice;

  // Like a real wallet, make only one payment per hash, even if it is requested several times.
  const earlier = ledger.payments.get(paymentHash);
  if (earlier && earlier.status !== "failed") return ledger.resultOf(earlier);

  const amountMsat = Number(invoice.amountMsat ?? 0n);
  const payment = { paymentHash, amountMsat, feeMsat };
  const problem =
    fault === "failed" ? "the fake wallet was told to fail" : problemOf(parts, invoice, amountMsat, maxFeeMsat);
  if (problem) {
    ledger.payments.set(paymentHash, { ...payment, status: "failed" });
    return failed(problem);
  }

  ledger.send(payment);
  if (fault === "unknown-stuck") return { status: "unknown", reason: "the payment is under way" };
  const preimage = ledger.settle(paymentHash);
  if (fault === "unknown-settled") return { status: "unknown", reason: "the answer was lost" };
  return { status: "paid", preimage: junkPreimage(fault) ?? preimage, feeMsat };
}

function problemOf(
  { ledger, clock, network, feeMsat }: FakeWalletParts,
  invoice: DecodedInvoice,
  amountMsat: number,
  maxFeeMsat: number,
): string | undefined {
  const booked = ledger.invoices.get(invoice.paymentHash);
  if (invoice.network !== network) return `the invoice is for ${invoice.network}, and this wallet is on ${network}`;
  if (amountMsat === 0) return "the invoice names no amount";
  if (clock() >= invoice.expiresAt) return "the invoice has expired";
  if (!booked) return "there is no route to the payee";
  if (booked.state === "settled") return "the invoice was already paid";
  if (booked.state === "canceled") return "the payee refuses the payment";
  if (!(feeMsat <= maxFeeMsat)) return `the fee of ${feeMsat} msat is above the limit`;
  if (amountMsat + feeMsat > ledger.balanceMsat) return "the balance is too low";
  return undefined;
}

function decode(bolt11: string): DecodedInvoice | undefined {
  try {
    return decodeInvoice(bolt11);
  } catch {
    return undefined;
  }
}

function junkPreimage(fault: PaymentFault | undefined): string | undefined {
  if (fault === "wrong-preimage") return newPreimage().preimage;
  if (fault === "zero-preimage") return "0".repeat(64);
  return fault === "empty-preimage" ? "" : undefined;
}

const failed = (reason: string): PaymentResult => ({ status: "failed", reason });
