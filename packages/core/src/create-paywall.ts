import { L402Error } from "./errors.ts";
import type { Instead, PageVisit } from "./interfaces/paywall-page.ts";
import type { AuthenticToken } from "./interfaces/token-format.ts";
import { createChallenger } from "./paywall/challenge.ts";
import { grant } from "./paywall/grant.ts";
import { checkOptions, type PaywallOptions } from "./paywall/options.ts";
import type { Decision, Denied, Paywall, PaywallRequest, Terms, TermsFor } from "./paywall/paywall.ts";
import { answerPreflight, isPreflight } from "./paywall/preflight.ts";
import { createPriceBook } from "./paywall/price-book.ts";
import { deny, statusOf } from "./paywall/reply.ts";
import { requestResource } from "./paywall/request-resource.ts";
import { createSettlement } from "./paywall/settlement.ts";
import { createUseTaker } from "./paywall/take-uses.ts";
import { type CheckedTerms, checkTerms } from "./paywall/terms.ts";
import { asL402Error, withinSeconds } from "./paywall/time-limit.ts";
import { authenticateCredential, checkScope } from "./paywall/verify-credential.ts";
import { parseAuthorization } from "./wire/parse-authorization.ts";

const TERMS_TIMEOUT_SECONDS = 30;
const VERIFYING = "Verifying the credential";

/** Creates the engine that sells access: it asks for payment, verifies the payment, and counts the uses. */
export function createPaywall(options: PaywallOptions): Paywall {
  const settings = checkOptions(options);
  const prices = createPriceBook();
  const challenge = createChallenger(settings);
  const settlement = createSettlement(settings);
  const takeUses = createUseTaker(settings.useStore);
  const page = settings.page?.open({
    keys: settings.keys,
    clock: settings.clock,
    authenticate: async (credential, isPaid) => {
      try {
        return await authenticateCredential(settings, credential, isPaid);
      } catch (error) {
        throw asL402Error(error, "INTERNAL", VERIFYING);
      }
    },
    lookUp: settlement.lookUp,
    clientOf: settings.clientKey,
    deny,
  });

  /**
   * Checks that the token is valid for this request: its resource, its expiry and the amount it paid. Throws if not.
   */
  function checkOpens(token: AuthenticToken, request: PaywallRequest, terms: CheckedTerms): CheckedTerms {
    const ownResource = requestResource(request.method, request.path);
    const resource = terms.resource ?? ownResource;
    checkScope(token, { resource, requestResource: ownResource }, settings.clock());
    prices.checkPaid(token.claims, terms);
    return terms;
  }

  /** The way of one request. `token` and `instead` are what a page passes on (see `PageVisit`). */
  async function decide(
    request: PaywallRequest,
    readTerms: () => Promise<CheckedTerms> | CheckedTerms,
    token?: AuthenticToken,
    instead?: Instead,
  ): Promise<Decision> {
    if (isPreflight(request)) return answerPreflight(request);
    let refusal: L402Error | undefined;
    try {
      const credential = parseAuthorization(request.header("authorization"));
      if (credential) {
        const answer = authenticateCredential(settings, credential);
        // An `await` on a plain value costs time on every paid request, so only promises are awaited, here and below.
        token = "then" in answer ? await answer : answer;
      }
    } catch (error) {
      refusal = asL402Error(error, "INTERNAL", VERIFYING);
      // SECURITY: an invalid credential creates no invoice, unless the seller opted in with `challengeOnInvalid`
      // (create-paywall.forgery.test.ts).
      if (!settings.challengeOnInvalid || statusOf(refusal) !== 401) return deny(request, refusal);
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
      refusal = asL402Error(error, "INTERNAL", VERIFYING);
      // If a retry with the same credential can work later, a second invoice would make the buyer pay twice.
      const newInvoiceHelps = statusOf(refusal) === 402 && !refusal.retryable;
      if (!newInvoiceHelps) return deny(request, refusal);
    }
    refusal ??= new L402Error("CREDENTIAL_MISSING");
    return instead?.(refusal) ?? challenge(request, terms, refusal);
  }

  function gate<Native>(terms: TermsFor<Native>) {
    let termsFor: (native: Native) => Promise<CheckedTerms> | CheckedTerms;
    if (typeof terms === "function") {
      termsFor = async (native) => checkTerms(await inTime(terms(native)), "computed");
    } else {
      const checked = prices.declare(checkTerms(terms, "fixed"));
      termsFor = () => checked;
    }
    return async (request: PaywallRequest, native: Native): Promise<Decision> => {
      const readTerms = () => termsFor(native);
      let decision: Decision;
      try {
        decision = await (page ? page(request, visitOf(request, readTerms)) : decide(request, readTerms));
      } catch (thrown) {
        decision = answerFailure(request, thrown);
      }
      if (decision.outcome === "denied") {
        const { status } = decision.reply;
        (status < 500 ? settings.emit : settings.report)?.({ type: "denied", status, error: decision.error });
      }
      return decision;
    };
  }

  function visitOf(request: PaywallRequest, readTerms: () => Promise<CheckedTerms> | CheckedTerms): PageVisit {
    let read: ReturnType<typeof readTerms> | undefined;
    // Terms are computed once per request, because they may read the body.
    const readOnce = () => {
      read ??= readTerms();
      return read;
    };
    return {
      check: async (token) => checkOpens(token, request, await readOnce()),
      decide: (token, instead) => decide(request, readOnce, token, instead),
    };
  }

  /**
   * Answers an exception of the seller's terms function; a refusal of the request is left to the framework. The details
   * are for the seller, so the buyer does not see them.
   * The thrown value can be anything, even a proxy that throws when it is read.
   */
  function answerFailure(request: PaywallRequest, thrown: unknown): Denied {
    if (isRefusal(thrown)) throw thrown;
    let error = new L402Error("INTERNAL");
    try {
      const cause = asL402Error(thrown, "INTERNAL", "The terms function");
      error =
        cause.code === "CONFIG_INVALID"
          ? new L402Error("INTERNAL", "The seller's terms are invalid.", { cause })
          : cause;
      return deny(request, error);
    } catch {
      error = new L402Error("INTERNAL");
      return deny(request, error);
    } finally {
      settings.report({ type: "failed", what: "terms", error, thrown });
    }
  }

  return { gate: gate as Paywall["gate"], check: (request, terms) => gate(() => terms)(request, undefined) };
}

/**
 * True if the terms function refuses the request itself, with something that is made to be shown to the client: a
 * `Response`, Hono's `HTTPException`, or an error with `expose: true`, as of `http-errors`.
 *
 * SECURITY: a 4xx status alone is not enough, because the errors of API clients have one too, with words and headers
 * that are not for strangers (create-paywall.config.test.ts, "not made for the client"). 401, 402 and 407 are not
 * passed on, because a client would think that its token was refused (create-paywall.config.test.ts, "speaks of
 * credentials").
 */
function isRefusal(thrown: unknown): boolean {
  try {
    const { expose, getResponse, url, status, statusCode = status } = thrown as Record<string, unknown>;
    // A response with a URL was fetched from elsewhere.
    const isForClient = expose === true || getResponse || (thrown instanceof Response && !url);
    return !!isForClient && /^4(0[^127]|[^0].)$/.test(`${statusCode}`);
  } catch {
    return false;
  }
}

/** Waits for computed terms, with a time limit. An error that the terms function throws is passed on unchanged. */
async function inTime(terms: Terms | Promise<Terms>): Promise<Terms> {
  if (typeof (terms as Promise<Terms> | undefined)?.then !== "function") return terms;
  const settled = (terms as Promise<Terms>).then(
    (value) => () => value,
    (thrown: unknown) => () => {
      throw thrown;
    },
  );
  const answer = await withinSeconds(TERMS_TIMEOUT_SECONDS, () => settled, {
    what: "The terms function",
    code: "INTERNAL",
  });
  return answer();
}
