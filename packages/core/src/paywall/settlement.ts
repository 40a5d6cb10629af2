import { L402Error } from "../errors.ts";
import type { InvoiceState } from "../interfaces/lightning-provider.ts";
import type { TokenClaims } from "../interfaces/token-format.ts";
import { createRecentSet } from "../recent-set.ts";
import { askProvider } from "./ask-provider.ts";
import type { PaywallSettings } from "./options.ts";

const REMEMBERED = 50_000;

/** Asks the provider about the invoices of tokens. */
export function createSettlement(settings: PaywallSettings) {
  const settled = createRecentSet(REMEMBERED);
  let second = 0;
  /** The lookups of the current second, by payment hash. */
  let asked = new Map<string, Promise<InvoiceState>>();

  async function lookUp({ paymentHash, providerRef }: TokenClaims): Promise<InvoiceState> {
    const state = await askProvider(settings, (provider, signal) =>
      provider.lookupInvoice({ paymentHash, ...(providerRef !== undefined && { providerRef }) }, { signal }),
    );
    if (state?.status === "settled") settled.add(paymentHash);
    return state;
  }

  return {
    lookUp,
    /**
     * Throws unless the token's invoice was settled. It is for providers where a preimage alone does not prove payment.
     * Once an invoice is known to be settled, the provider is not asked again.
     *
     * SECURITY: only "settled" passes (create-paywall.provider.test.ts, "preimage known before payment"). A client that
     * retries again and again gets the same answer for a second, without another lookup (create-paywall.provider.test.ts,
     * "once a second").
     */
    async check(claims: TokenClaims): Promise<void> {
      const { paymentHash } = claims;
      if (settled.has(paymentHash)) return;
      const now = Math.floor(settings.clock().getTime() / 1000);
      if (now !== second) asked = new Map();
      second = now;
      const ofThisSecond = asked;
      let question = asked.get(paymentHash);
      if (!question) {
        question = lookUp(claims);
        asked.set(paymentHash, question);
        // Only answers are remembered: after a failed lookup, the next request asks again.
        question.catch(() => ofThisSecond.delete(paymentHash));
      }
      const state = await question;
      if (state?.status !== "settled") throw notSettled(state?.status, settings.provider.name);
    },
  };
}

function notSettled(status: unknown, provider: string): L402Error {
  if (status === "open") return new L402Error("CREDENTIAL_NOT_SETTLED", undefined, { retryAfterSeconds: 1 });
  // Only in this case does a new invoice help.
  return status === "expired" || status === "canceled"
    ? new L402Error("CREDENTIAL_NOT_SETTLED", "The invoice was never paid.", {
        retryable: false,
        fundsMoved: "no",
        hint: "Pay the new invoice.",
      })
    : new L402Error("PROVIDER_BAD_RESPONSE", `lookupInvoice of provider "${provider}" returned no known status.`);
}
