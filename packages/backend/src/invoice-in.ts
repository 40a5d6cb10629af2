import { type DecodedInvoice, decodeInvoice } from "@l402/core";

/** The invoice in a text from a backend; `undefined` if there is none. */
export function invoiceIn(bolt11: string | undefined): DecodedInvoice | undefined {
  try {
    return decodeInvoice(bolt11 ?? "");
  } catch {
    return undefined;
  }
}
