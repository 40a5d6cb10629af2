import { decodeInvoice } from "@l402/bolt11";
import type { CreateInvoiceInput, Invoice, InvoiceState } from "@l402/core";
import { answerOf } from "../expectations.ts";
import { pause } from "../kit-time.ts";
import type { ProviderSubject } from "../provider.ts";

export const ORDER: CreateInvoiceInput = { amountMsat: 21_000, description: "One cup of tea", expiresInSeconds: 600 };

/** Opens the provider. Its calls have a time limit. */
export async function openProvider(subject: ProviderSubject) {
  const provider = await subject.create();
  const { patienceSeconds = 3 } = subject;

  /** Looks an invoice up by only the fields that a reference may hold. */
  const lookUp = ({ paymentHash, providerRef }: Invoice): Promise<InvoiceState> => {
    const ref = { paymentHash, ...(providerRef === undefined ? {} : { providerRef }) };
    return answerOf(() => provider.lookupInvoice(ref), patienceSeconds);
  };

  return {
    provider,
    patienceSeconds,
    lookUp,
    /** Creates an invoice, and decodes its BOLT11. */
    async order(changes: Partial<CreateInvoiceInput> = {}) {
      const invoice = await answerOf(() => provider.createInvoice({ ...ORDER, ...changes }), patienceSeconds);
      return { invoice, decoded: decodeInvoice(invoice.bolt11) };
    },
    /** Returns the state of an invoice as soon as it is no longer open: backends take a moment to notice a payment. */
    async lookUpWhenClosed(invoice: Invoice): Promise<InvoiceState> {
      const end = performance.now() + patienceSeconds * 1000;
      let state = await lookUp(invoice);
      while (state.status === "open" && performance.now() < end) {
        await pause(0.1);
        state = await lookUp(invoice);
      }
      return state;
    },
  };
}
