import { type DecodedInvoice, decodeInvoice } from "@l402/bolt11";
import { bytesOf } from "../bytes.ts";
import { isL402Error, L402Error } from "../errors.ts";
import type { Invoice } from "../interfaces/lightning-provider.ts";
import type { PaywallSettings } from "./options.ts";
import { withinSeconds } from "./time-limit.ts";

export type CheckedInvoice = DecodedInvoice & Pick<Invoice, "providerRef">;

/** An invoice whose own text was checked, whatever the provider said about it. */
export async function createInvoice(
  settings: PaywallSettings,
  amountMsat: number,
  description: string,
): Promise<CheckedInvoice> {
  const { provider, providerTimeoutSeconds, invoiceExpiresInSeconds } = settings;
  const invoice = await withinSeconds(
    providerTimeoutSeconds,
    (signal) =>
      provider.createInvoice({
        amountMsat,
        description: shorten(description),
        expiresInSeconds: invoiceExpiresInSeconds,
        signal,
      }),
    { what: `Provider "${provider.name}"`, code: "PROVIDER_UNREACHABLE", timeoutCode: "PROVIDER_TIMEOUT" },
  );

  // SECURITY: the buyer pays what the BOLT11 says, so that is what is checked (create-paywall.provider.test.ts, "lying").
  const decoded = decode(invoice?.bolt11, provider.name);
  const refuse = (what: string) =>
    new L402Error("PROVIDER_BAD_RESPONSE", `The invoice of provider "${provider.name}" ${what}.`);
  if (decoded.amountMsat !== BigInt(amountMsat)) throw refuse("is for another amount than was asked for");
  if (decoded.paymentHash !== invoice.paymentHash) throw refuse("has another payment hash than the provider says");
  if (decoded.network !== settings.network) {
    throw refuse(`is for ${decoded.network}, but this paywall takes ${settings.network}; set its network option`);
  }
  if (!(decoded.expiresAt > settings.clock())) throw refuse("has already expired");
  const { providerRef } = invoice;
  if (providerRef === undefined) return decoded;
  if (typeof providerRef !== "string" || !/^[!-~]{1,128}$/.test(providerRef))
    throw refuse("has an unusable providerRef");
  return { ...decoded, providerRef };
}

function decode(bolt11: string, name: string): DecodedInvoice {
  try {
    return decodeInvoice(bolt11);
  } catch (error) {
    const reason = isL402Error(error) ? { cause: error } : {};
    throw new L402Error("PROVIDER_BAD_RESPONSE", `Provider "${name}" did not answer with a valid BOLT11.`, reason);
  }
}

/** BOLT11 has room for 639 bytes. */
function shorten(description: string): string {
  let text = description;
  while (bytesOf(text).length > 639) text = text.slice(0, text.length > 639 ? 639 : -1);
  return text.replace(/[\ud800-\udbff]$/, "");
}
