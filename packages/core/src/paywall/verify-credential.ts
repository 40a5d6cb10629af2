import { isL402Error, L402Error } from "../errors.ts";
import type { IsPaid } from "../interfaces/paywall-page.ts";
import type { AuthenticToken, TokenFormat } from "../interfaces/token-format.ts";
import { isPreimageOf } from "../is-preimage-of.ts";
import type { KeyRing } from "../token/key-ring.ts";
import { MAX_USE_CAVEATS } from "../token/signed-json/caveat-text.ts";
import type { Credential } from "../wire/parse-authorization.ts";
import { statusOf } from "./reply.ts";

/** What proves a token. */
interface Verifier {
  format: TokenFormat;
  keys: KeyRing;
}

const hasPreimage: IsPaid = (preimage, { paymentHash }) => isPreimageOf(preimage, paymentHash);

/** Proves that the token is ours and that the preimage is that of its invoice. Says nothing about what it opens. */
export function authenticateCredential(
  settings: Verifier,
  credential: Credential,
  isPaid = hasPreimage,
): AuthenticToken | Promise<AuthenticToken> {
  const [first] = credential.tokens;
  const answer =
    credential.tokens.length === 1
      ? settings.format.authenticate(first as string, settings.keys)
      : findOurs(settings, credential.tokens);
  const check = (token: AuthenticToken | undefined) => checkPayment(token, credential, isPaid);
  return answer && "then" in answer ? answer.then(check) : check(answer);
}

function checkPayment(token: AuthenticToken | undefined, credential: Credential, isPaid: IsPaid): AuthenticToken {
  // SECURITY: what is no token opens nothing (create-paywall.forgery.test.ts, "a token format that answers").
  if (!token) throw new L402Error("CREDENTIAL_NOT_AUTHENTIC");
  const matches =
    isPaid(credential.preimage, token.claims) &&
    token.caveats.every((caveat) => caveat.type !== "preimage" || caveat.preimage === credential.preimage);
  if (!matches) {
    throw new L402Error("CREDENTIAL_PREIMAGE_MISMATCH");
  }
  // SECURITY: every such caveat costs the store a question (create-paywall.store.test.ts, "more than two limits").
  if (token.caveats.filter(({ type }) => type === "uses").length > MAX_USE_CAVEATS) {
    throw new L402Error("CREDENTIAL_MALFORMED", "The token limits its uses too often.");
  }
  return token;
}

/** SECURITY: exactly one of several tokens must be ours; two would be ambiguous (parse-authorization.test.ts). */
async function findOurs({ format, keys }: Verifier, tokens: readonly string[]): Promise<AuthenticToken | undefined> {
  const ours: AuthenticToken[] = [];
  for (const token of tokens) {
    try {
      const read = await format.authenticate(token, keys);
      if (read) ours.push(read);
    } catch (error) {
      // Another seller's token may be one that cannot be read here. A format that is down might have known it.
      if (!isL402Error(error) || statusOf(error) !== 401) throw error;
    }
  }
  if (ours.length > 1) throw new L402Error("CREDENTIAL_MALFORMED", "Two of the tokens were issued here.");
  return ours[0];
}

export interface Asked {
  /** What the seller's terms sell. */
  resource: string;
  /** What this very request asks for: its method and path. */
  requestResource: string;
}

/** Checks that a genuine token opens what is asked for now. Every caveat has to hold as well as the claims. */
export function checkScope({ claims, caveats }: AuthenticToken, asked: Asked, now: Date): void {
  // Written so that an invalid date counts as expired.
  const isCurrent =
    now < claims.expiresAt && caveats.every((caveat) => caveat.type !== "expiry" || now < caveat.expiresAt);
  if (!isCurrent) throw new L402Error("CREDENTIAL_EXPIRED");
  const opens =
    claims.resource === asked.resource &&
    caveats.every(
      (caveat) =>
        caveat.type !== "resource" || caveat.resource === asked.resource || caveat.resource === asked.requestResource,
    );
  if (!opens) throw new L402Error("CREDENTIAL_WRONG_RESOURCE");
}
