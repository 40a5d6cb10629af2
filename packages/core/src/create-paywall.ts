import { L402Error } from "./errors.ts";
import type { AuthenticToken } from "./interfaces/token-format.ts";
import { createChallenger } from "./paywall/challenge.ts";
import { grant } from "./paywall/grant.ts";
import { checkOptions, type PaywallOptions } from "./paywall/options.ts";
import type { Decision, Paywall, PaywallRequest, TermsFor } from "./paywall/paywall.ts";
import { answerPreflight, isPreflight } from "./paywall/preflight.ts";
import { createPriceBook } from "./paywall/price-book.ts";
import { deny } from "./paywall/reply.ts";
import { requestResource } from "./paywall/request-resource.ts";
import { createSettlementCheck } from "./paywall/settlement.ts";
import { takeUses } from "./paywall/take-uses.ts";
import { type CheckedTerms, checkTerms } from "./paywall/terms.ts";
import { asL402Error } from "./paywall/time-limit.ts";
import { authenticateCredential, checkScope } from "./paywall/verify-credential.ts";
import { parseAuthorization } from "./wire/parse-authorization.ts";

/** Makes the engine that sells access: it asks for payment, verifies it, and counts its uses. */
export function createPaywall(options: PaywallOptions): Paywall {
  const settings = checkOptions(options);
  const prices = createPriceBook();
  const challenge = createChallenger(settings, prices);
  const checkSettled = createSettlementCheck(settings);

  /** Header shape, authenticity and preimage; `undefined` when the request has no credential. */
  async function readToken(request: PaywallRequest): Promise<AuthenticToken | undefined> {
    const credential = parseAuthorization(request.header("authorization"));
    return credential && authenticateCredential(settings, credential);
  }

  /** What the request costs, and whether its price is the same for every request. */
  interface Asking {
    terms: CheckedTerms;
    fixed: boolean;
  }

  async function redeem(token: AuthenticToken, request: PaywallRequest, { terms, fixed }: Asking): Promise<Decision> {
    const ownResource = requestResource(request.method, request.path);
    const resource = terms.resource ?? ownResource;
    // A fixed price that was raised does not devalue tokens sold before.
    const honoured = fixed && !prices.differ(resource, terms.amountMsat);
    const minimumMsat = honoured ? undefined : terms.amountMsat;
    checkScope(token, { resource, requestResource: ownResource, minimumMsat }, settings.clock());
    if (!settings.provider.preimageProvesPayment) await checkSettled(token.claims);
    return grant(settings, token.claims, await takeUses(settings.useStore, token));
  }

  async function decide(request: PaywallRequest, ask: () => Promise<Asking> | Asking): Promise<Decision> {
    if (isPreflight(request)) return answerPreflight(request);
    let token: AuthenticToken | undefined;
    let refusal: L402Error | undefined;
    try {
      token = await readToken(request);
    } catch (error) {
      refusal = asL402Error(error, "INTERNAL", "Reading the credential");
      // SECURITY: junk never creates an invoice, unless asked for (create-paywall.forgery.test.ts).
      if (!settings.challengeOnInvalid || refusal.status !== 401) return deny(request, refusal);
    }
    const asking = await ask();
    try {
      if (token) return await redeem(token, request, asking);
    } catch (error) {
      refusal = asL402Error(error, "INTERNAL", "Verifying the credential");
      // Whoever only has to wait must not be offered a second invoice.
      const newInvoiceHelps = refusal.status === 402 && !refusal.retryable;
      if (!newInvoiceHelps) return deny(request, refusal);
    }
    return challenge(request, asking.terms, refusal ?? new L402Error("CREDENTIAL_MISSING"));
  }

  function gate<Native>(terms: TermsFor<Native>) {
    let ask: (native: Native) => Promise<Asking> | Asking;
    if (typeof terms === "function") {
      ask = async (native) => ({ terms: checkTerms(await terms(native)), fixed: false });
    } else {
      const asking = { terms: prices.declare(checkTerms(terms)), fixed: true };
      ask = () => asking;
    }
    return async (request: PaywallRequest, native: Native): Promise<Decision> => {
      const decision = await decide(request, () => ask(native)).catch((thrown: unknown) => {
        const error = internal(thrown);
        settings.emit({ type: "failed", what: "terms", error, thrown });
        return deny(request, error);
      });
      if (decision.outcome === "denied") {
        settings.emit({ type: "denied", status: decision.reply.status, error: decision.error });
      }
      return decision;
    };
  }

  return { gate: gate as Paywall["gate"], check: (request, terms) => gate(() => terms)(request, undefined) };
}

/** What the seller's own code throws is the seller's, not the buyer's to read. It can be anything, a proxy too. */
function internal(thrown: unknown): L402Error {
  try {
    const cause = asL402Error(thrown, "INTERNAL", "Working out what this request costs");
    return cause.code === "CONFIG_INVALID"
      ? new L402Error("INTERNAL", "The seller's terms are invalid.", { cause })
      : cause;
  } catch {
    return new L402Error("INTERNAL");
  }
}
