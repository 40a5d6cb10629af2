import { type InvoiceSummary, summarizeInvoice } from "@l402/bolt11";
import { bytesOf } from "../bytes.ts";
import { L402Error } from "../errors.ts";
import { askProvider } from "./ask-provider.ts";
import type { PaywallSettings } from "./options.ts";

/** How far the provider's clock may be ahead. */
const CLOCK_SKEW_SECONDS = 60;

/** `expiresAt` is when it has to be paid; the BOLT11 itself may be good for longer. */
export interface CheckedInvoice extends Pick<InvoiceSummary, "bolt11" | "paymentHash" | "expiresAt"> {
  providerRef: string | undefined;
}

/** An invoice whose own text was checked, whatever the provider said about it. */
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

  // SECURITY: the buyer pays what the BOLT11 says, so that is what is checked (create-paywall.provider.test.ts, "lying").
  const refuse = (what: string, why?: { cause: unknown }) =>
    new L402Error("PROVIDER_BAD_RESPONSE", `The invoice of provider "${name}" ${what}.`, why);
  let decoded: InvoiceSummary;
  try {
    decoded = summarizeInvoice(invoice?.bolt11);
  } catch (cause) {
    // An InvoiceMalformedError, which says nothing of the text.
    throw refuse("is no valid BOLT11", { cause });
  }
  if (decoded.amountMsat !== BigInt(amountMsat)) throw refuse("is for another amount");
  if (decoded.paymentHash !== invoice.paymentHash) throw refuse("has another payment hash");
  if (decoded.network !== settings.network) {
    throw refuse(`is for ${decoded.network}, not ${settings.network}`);
  }
  const now = settings.clock();
  if (!(decoded.expiresAt > now)) throw refuse("has expired");
  // SECURITY: a token lives from the last moment to pay, so a provider that gives more time must not make it live longer
  // (create-paywall.provider.test.ts, "a longer expiry").
  const latest = now.getTime() + (settings.invoiceExpiresInSeconds + CLOCK_SKEW_SECONDS) * 1000;
  const expiresAt = new Date(Math.min(decoded.expiresAt.getTime(), latest));
  const { providerRef } = invoice;
  if (providerRef !== undefined && !(typeof providerRef === "string" && /^[!-~]{1,128}$/.test(providerRef))) {
    throw refuse("has a bad providerRef");
  }
  return { bolt11: decoded.bolt11, paymentHash: decoded.paymentHash, expiresAt, providerRef };
}

/** BOLT11 has room for 639 bytes; a character is three at most. */
function shorten(description: string): string {
  let text = description.slice(0, 639);
  while (text.length > 213 && bytesOf(text).length > 639) text = text.slice(0, -1);
  return text.replace(/[\ud800-\udbff]$/, "");
}
