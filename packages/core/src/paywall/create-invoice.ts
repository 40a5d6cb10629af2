import { type InvoiceSummary, summarizeInvoice } from "@l402/bolt11";
import { bytesOf } from "../bytes.ts";
import { L402Error } from "../errors.ts";
import { askProvider } from "./ask-provider.ts";
import type { PaywallSettings } from "./options.ts";

/** How far the provider's clock may be ahead of ours. */
const CLOCK_SKEW_SECONDS = 60;

/**
 * An invoice that passed all checks. The buyer has to pay before `expiresAt`; the BOLT11 itself may be valid for
 * longer.
 */
export interface CheckedInvoice extends InvoiceSummary {
  providerRef: string | undefined;
}

/** Creates an invoice and checks its BOLT11 text, regardless of what else the provider says about the invoice. */
export async function createInvoice(
  settings: PaywallSettings,
  amountMsat: number,
  description: string,
): Promise<CheckedInvoice> {
  const { name } = settings.provider;
  const invoice = await askProvider(settings, (provider, signal) =>
    provider.createInvoice({
      amountMsat,
      description: shorten(description),
      expiresInSeconds: settings.invoiceExpiresInSeconds,
      signal,
    }),
  );

  // SECURITY: the buyer pays what the BOLT11 says, so the BOLT11 is checked (create-paywall.provider.test.ts, "lying").
  const invalid = (what: string, why?: { cause: unknown }) =>
    new L402Error("PROVIDER_BAD_RESPONSE", `The invoice of provider "${name}" ${what}.`, why);
  let decoded: InvoiceSummary;
  try {
    decoded = summarizeInvoice(invoice?.bolt11);
  } catch (cause) {
    // The cause is an InvoiceMalformedError, which reveals nothing of the invoice's text.
    throw invalid("is not valid BOLT11", { cause });
  }
  if (decoded.amountMsat !== BigInt(amountMsat)) throw invalid("is not for the price");
  if (decoded.paymentHash !== invoice.paymentHash) throw invalid("does not match its paymentHash");
  if (decoded.network !== settings.network) {
    throw invalid(`is for ${decoded.network}, but the option network is ${settings.network}`);
  }
  const now = settings.clock();
  if (!(decoded.expiresAt > now)) throw invalid("has expired");
  // SECURITY: a token's lifetime starts at the last moment its invoice can be paid. A provider that allows more time to
  // pay must not make the token live longer (create-paywall.provider.test.ts, "a longer expiry").
  const latest = now.getTime() + (settings.invoiceExpiresInSeconds + CLOCK_SKEW_SECONDS) * 1000;
  const expiresAt = new Date(Math.min(decoded.expiresAt.getTime(), latest));
  const { providerRef } = invoice;
  if (providerRef !== undefined && !(typeof providerRef === "string" && /^[!-~]{1,128}$/.test(providerRef))) {
    throw invalid("has an invalid providerRef");
  }
  return { ...decoded, expiresAt, providerRef };
}

/** Shortens a description to the 639 bytes that a BOLT11 has room for, without halves of characters. */
function shorten(description: string): string {
  let text = description.slice(0, 639);
  while (bytesOf(text).length > 639) text = text.slice(0, -1);
  return text.replace(/\p{Cs}/gu, "");
}
