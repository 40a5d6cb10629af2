import { type CreateInvoiceInput, type Invoice, L402Error } from "@l402/core";
import { invoiceIn } from "./invoice-in.ts";

interface InvoiceAnswer {
  bolt11: string;
  /** The payment hash that the backend claims; left out if it claims none. */
  paymentHash?: string | undefined;
  providerRef?: string | undefined;
}

/** Builds an invoice from the data in its own BOLT11. Throws PROVIDER_BAD_RESPONSE if the backend claims other data. */
export function checkedInvoice(backend: string, input: CreateInvoiceInput, answer: InvoiceAnswer): Invoice {
  const bad = (what: string) => new L402Error("PROVIDER_BAD_RESPONSE", `${backend} returned an invoice ${what}.`);
  const { providerRef } = answer;
  // Use the decoded `bolt11`, because the backend's text may have capitals or a "lightning:" prefix.
  const decoded = invoiceIn(answer.bolt11);
  if (!decoded) throw bad("that is not valid BOLT11");
  const { bolt11, amountMsat, paymentHash, expiresAt } = decoded;
  if (amountMsat !== BigInt(input.amountMsat)) {
    const named = amountMsat === undefined ? "without an amount" : `for ${amountMsat} msat`;
    throw bad(`${named}, although ${input.amountMsat} msat were requested`);
  }
  if (answer.paymentHash !== undefined && answer.paymentHash.toLowerCase() !== paymentHash) {
    throw bad("whose payment hash differs from the one returned with it");
  }
  return {
    bolt11,
    paymentHash,
    amountMsat: input.amountMsat,
    expiresAt,
    ...(providerRef !== undefined && { providerRef }),
  };
}

/** Refuses amounts that the backend would round or drop: some backends read a missing amount as "any amount". */
export function checkAmount(backend: string, amountMsat: number, unit: "msat" | "sat" = "msat"): void {
  const rejected = (rule: string) =>
    new L402Error("PROVIDER_REJECTED", `${backend} cannot create an invoice for ${amountMsat} msat. ${rule}`);
  if (!Number.isSafeInteger(amountMsat) || amountMsat < 1) {
    throw rejected("The amount must be a whole number of millisatoshis, at least 1.");
  }
  if (unit === "sat" && amountMsat % 1000 !== 0) {
    throw rejected("The amount must be in whole sats, and 1 sat is 1000 msat.");
  }
}

/** Refuses a malformed payment hash before it becomes part of a URL. */
export function checkPaymentHash(backend: string, paymentHash: string): void {
  if (/^[0-9a-f]{64}$/.test(paymentHash)) return;
  throw new L402Error(
    "PROVIDER_REJECTED",
    `${backend} cannot look up the invoice, because its payment hash is malformed.`,
    {
      hint: "Pass the paymentHash of the invoice: 64 lower-case hexadecimal characters.",
    },
  );
}
