import { L402Error } from "./errors.ts";
import type { Instead, PageVisit } from "./interfaces/paywall-page.ts";
import type { AuthenticToken } from "./interfaces/token-format.ts";
import { createChallenger } from "./paywall/challenge.ts";
import { asL402Error, type Failure } from "./paywall/failure.ts";
import { grant } from "./paywall/grant.ts";
import { checkOptions, type PaywallOptions } from "./paywall/options.ts";
import type { Decision, Paywall, PaywallRequest, TermsFor } from "./paywall/paywall.ts";
import { answerPreflight, isPreflight } from "./paywall/preflight.ts";
import { createPriceBook } from "./paywall/price-book.ts";
import { deny, statusOf } from "./paywall/reply.ts";
import { requestResource } from "./paywall/request-resource.ts";
import { createSettlement } from "./paywall/settlement.ts";
import { createUseTaker } from "./paywall/take-uses.ts";
import { type CheckedTerms, checkTerms, computeTerms } from "./paywall/terms.ts";
import { answerTermsFailure } from "./paywall/terms-failure.ts";
import { authenticateCredential, checkScope } from "./paywall/verify-credential.ts";
import { parseAuthorization } from "./wire/parse-authorization.ts";

const VERIFYING: Failure = { what: "Verifying the credential", code: "INTERNAL" };

type ReadTerms = () => Promise<CheckedTerms> | CheckedTerms;

/** Creates the engine that sells access: it asks for payment, verifies the payment, and counts the uses. */
export function createPaywall(options: PaywallOptions): Paywall {
  const settings = checkOptions(options);
  const prices = createPriceBook();
  const challenge = createChallenger(settings);
  const settlement = createSettlement(settings);
  const takeUses = createUseTaker(settings);
  const page = settings.page?.open({
    keys: settings.keys,
    clock: settings.clock,
    authenticate: async (credential, isPaid) => {
      try {
        return await authenticateCredential(settings, credential, isPaid);
      } catch (error) {
        throw asL402Error(error, VERIFYING);
      }
    },
    lookUp: settlement.lookUp,
    clientOf: settings.clientKey,
    deny,
  });

  /** Throws unless the token opens this request on these terms: its resource, its expiry and the amount it paid. */
  function checkOpens(token: AuthenticToken, request: PaywallRequest, terms: CheckedTerms): void {
    const ownResource = requestResource(request.method, request.path);
    const resource = terms.resource ?? ownResource;
    checkScope(token, { resource, requestResource: ownResource }, settings.clock());
    prices.checkPaid(token.claims, terms);
  }

  /** The way of one request. `token` and `instead` are what a page passes on (see `PageVisit`). */
  async function decide(
    request: PaywallRequest,
    readTerms: ReadTerms,
    token?: AuthenticToken,
    instead?: Instead,
  ): Promise<Decision> {
    if (isPreflight(request)) return answerPreflight(request);
    /** Why the request is not granted. */
    let reason: L402Error | undefined;
    try {
      const credential = parseAuthorization(request.header("authorization"));
      if (credential) {
        const answer = authenticateCredential(settings, credential);
        // An `await` on a plain value costs time on every paid request, so only promises are awaited, here and below.
        token = "then" in answer ? await answer : answer;
      }
    } catch (error) {
      reason = asL402Error(error, VERIFYING);
      // SECURITY: an invalid credential creates no invoice, unless the seller opted in with `challengeOnInvalid`
      // (create-paywall.forgery.test.ts).
      if (!settings.challengeOnInvalid || statusOf(reason) !== 401) return deny(request, reason);
    }
    const read = readTerms();
    const terms = "then" in read ? await read : read;
    try {
      if (token) {
        checkOpens(token, request, terms);
        if (!settings.provider.preimageProvesPayment) await settlement.check(token.claims);
        const uses = takeUses(token);
        return grant(settings, token.claims, "then" in uses ? await uses : uses, request);
      }
    } catch (error) {
      reason = asL402Error(error, VERIFYING);
      // If a retry with the same credential can work later, a second invoice would make the buyer pay twice.
      const newInvoiceHelps = statusOf(reason) === 402 && !reason.retryable;
      if (!newInvoiceHelps) return deny(request, reason);
    }
    reason ??= new L402Error("CREDENTIAL_MISSING");
    return instead?.(reason) ?? challenge(request, terms, reason);
  }

  const visitOf = (request: PaywallRequest, readTerms: ReadTerms): PageVisit => ({
    async check(token) {
      const terms = await readTerms();
      checkOpens(token, request, terms);
      return terms;
    },
    decide: (token, instead) => decide(request, readTerms, token, instead),
  });

  function gate<Native>(terms: TermsFor<Native>) {
    let termsFor: (native: Native) => ReturnType<ReadTerms>;
    if (typeof terms === "function") {
      termsFor = (native) => computeTerms(terms, native);
    } else {
      const fixed = prices.declare(checkTerms(terms, "fixed"));
      termsFor = () => fixed;
    }
    async function answer(request: PaywallRequest, native: Native): Promise<Decision> {
      let read: ReturnType<ReadTerms> | undefined;
      // Once per request, because a function that computes terms may read the body.
      const readTerms = () => {
        read ??= termsFor(native);
        return read;
      };
      let decision: Decision;
      try {
        decision = await (page ? page(request, visitOf(request, readTerms)) : decide(request, readTerms));
      } catch (thrown) {
        decision = answerTermsFailure(request, thrown, settings.report);
      }
      if (decision.outcome === "denied") {
        const { status } = decision.reply;
        (status < 500 ? settings.emit : settings.report)?.({ type: "denied", status, error: decision.error });
      }
      return decision;
    }
    return (request: PaywallRequest, native: Native) => {
      const answered = answer(request, native);
      settings.waitUntil?.(answered.catch(() => {}));
      return answered;
    };
  }

  return { gate: gate as Paywall["gate"], check: (request, terms) => gate(() => terms)(request, undefined) };
}
