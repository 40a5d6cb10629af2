import { type CreateInvoiceInput, decodeInvoice, type Invoice, L402Error } from "@l402/core";

interface InvoiceAnswer {
  bolt11: string;
  /** The payment hash that the backend claims; left out if it claims none. */
  paymentHash?: string | undefined;
  providerRef?: string | undefined;
}

/** Builds an invoice from the data in its own BOLT11. Throws PROVIDER_BAD_RESPONSE if the backend claims other data. */
export function checkedInvoice(backend: string, input: CreateInvoiceInput, answer: InvoiceAnswer): Invoice {
  const bad = (what: string) => new L402Error("PROVIDER_BAD_RESPONSE", `${backend} created an invoice ${what}.`);
  const { providerRef } = answer;
  // Use the decoded `bolt11`, because the backend's text may have capitals or a "lightning:" prefix.
  const { bolt11, amountMsat, paymentHash, expiresAt } = decode(answer.bolt11, bad);
  if (amountMsat !== BigInt(input.amountMsat)) throw bad("for another amount");
  if (answer.paymentHash !== undefined && answer.paymentHash.toLowerCase() !== paymentHash) {
    throw bad("and named another payment hash");
  }
  return {
    bolt11,
    paymentHash,
    amountMsat: input.amountMsat,
    expiresAt,
    ...(providerRef !== undefined && { providerRef }),
  };
}

function decode(bolt11: string, bad: (what: string) => L402Error) {
  try {
    return decodeInvoice(bolt11);
  } catch {
    throw bad("that is not valid BOLT11");
  }
}

/** Refuses amounts that the backend would round or drop: some backends read a missing amount as "any amount". */
export function checkAmount(backend: string, amountMsat: number, unit: "msat" | "sat" = "msat"): void {
  const rejected = (what: string) => new L402Error("PROVIDER_REJECTED", `${backend} cannot invoice ${what}.`);
  if (!Number.isSafeInteger(amountMsat) || amountMsat < 1) throw rejected("an amount that is not whole millisatoshis");
  if (unit === "sat" && amountMsat % 1000 !== 0) throw rejected("fractions of a sat; use whole sats");
}

/** Refuses a malformed payment hash before it becomes part of a URL. */
export function checkPaymentHash(backend: string, paymentHash: string): void {
  if (/^[0-9a-f]{64}$/.test(paymentHash)) return;
  throw new L402Error("PROVIDER_REJECTED", `${backend} cannot look up what is not a payment hash.`, {
    hint: "A payment hash is 64 lower-case hex characters.",
  });
}
