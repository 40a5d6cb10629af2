import { type InvoiceSummary, summarizeInvoice } from "@l402/bolt11";
import { bytesOf } from "../bytes.ts";
import { isL402Error, L402Error } from "../errors.ts";
import type { Invoice } from "../interfaces/lightning-provider.ts";
import { askProvider } from "./ask-provider.ts";
import type { PaywallSettings } from "./options.ts";

export type CheckedInvoice = InvoiceSummary & Pick<Invoice, "providerRef">;

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
  const decoded = decode(invoice?.bolt11, name);
  const refuse = (what: string) => new L402Error("PROVIDER_BAD_RESPONSE", `The invoice of provider "${name}" ${what}.`);
  if (decoded.amountMsat !== BigInt(amountMsat)) throw refuse("is for another amount");
  if (decoded.paymentHash !== invoice.paymentHash) throw refuse("has another payment hash");
  if (decoded.network !== settings.network) {
    throw refuse(`is for ${decoded.network}, but the option network is ${settings.network}`);
  }
  if (!(decoded.expiresAt > settings.clock())) throw refuse("has already expired");
  const { providerRef } = invoice;
  if (providerRef === undefined) return decoded;
  if (typeof providerRef !== "string" || !/^[!-~]{1,128}$/.test(providerRef))
    throw refuse("has an unusable providerRef");
  return { ...decoded, providerRef };
}

function decode(bolt11: string, name: string): InvoiceSummary {
  try {
    return summarizeInvoice(bolt11);
  } catch (error) {
    const cause = isL402Error(error) ? error : undefined;
    throw new L402Error("PROVIDER_BAD_RESPONSE", `Provider "${name}" sent no valid BOLT11.`, { cause });
  }
}

/** BOLT11 has room for 639 bytes. */
function shorten(description: string): string {
  let text = description;
  while (bytesOf(text).length > 639) text = text.slice(0, text.length > 639 ? 639 : -1);
  return text.replace(/[\ud800-\udbff]$/, "");
}
