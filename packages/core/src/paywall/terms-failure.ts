import { L402Error } from "../errors.ts";
import type { Emit } from "./events.ts";
import { asL402Error, TERMS_FAILURE } from "./failure.ts";
import type { Denied, PaywallRequest } from "./paywall.ts";
import { deny } from "./reply.ts";

/**
 * Answers what the seller's terms function threw. The details are for the seller, so the buyer does not see them. What
 * is made for the client is thrown again, for the framework to answer.
 */
export function answerTermsFailure(request: PaywallRequest, thrown: unknown, report: Emit): Denied {
  if (isForClient(thrown)) throw thrown;
  let denied: Denied;
  try {
    denied = deny(request, errorOf(thrown));
  } catch {
    // It can be anything, even a proxy that throws when it is read.
    denied = deny(request, new L402Error("INTERNAL"));
  }
  report({ type: "failed", what: "terms", error: denied.error, thrown });
  return denied;
}

function errorOf(thrown: unknown): L402Error {
  const error = asL402Error(thrown, TERMS_FAILURE);
  return error.code === "CONFIG_INVALID"
    ? new L402Error("INTERNAL", "The seller's terms are invalid.", { cause: error })
    : error;
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
function isForClient(thrown: unknown): boolean {
  try {
    const { expose, getResponse, url, status, statusCode = status } = thrown as Record<string, unknown>;
    // A response with a URL was fetched from elsewhere.
    const isMadeForClient = expose === true || getResponse || (thrown instanceof Response && !url);
    return !!isMadeForClient && /^4(0[^127]|[^0].)$/.test(`${statusCode}`);
  } catch {
    return false;
  }
}
