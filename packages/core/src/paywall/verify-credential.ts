import { isL402Error, L402Error } from "../errors.ts";
import type { IsPaid } from "../interfaces/paywall-page.ts";
import type { AuthenticToken } from "../interfaces/token-format.ts";
import { isPreimageOf } from "../is-preimage-of.ts";
import { MAX_USE_CAVEATS } from "../token/narrowing.ts";
import type { Credential } from "../wire/parse-authorization.ts";
import type { PaywallSettings } from "./options.ts";
import { statusOf } from "./reply.ts";

const hasPreimage: IsPaid = (preimage, { paymentHash }) => isPreimageOf(preimage, paymentHash);

/**
 * Proves that the token is ours and that the preimage is the one of its invoice. It does not check what the token
 * opens.
 */
export function authenticateCredential(
  settings: PaywallSettings,
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
  // SECURITY: if the token format returns no token, access is refused (create-paywall.forgery.test.ts, "a token format
  // that answers").
  if (!token) throw new L402Error("CREDENTIAL_NOT_AUTHENTIC");
  const matches =
    isPaid(credential.preimage, token.claims) &&
    token.caveats.every((caveat) => caveat.type !== "preimage" || caveat.preimage === credential.preimage);
  if (!matches) {
    throw new L402Error("CREDENTIAL_PREIMAGE_MISMATCH");
  }
  // SECURITY: every caveat that limits uses costs one call to the store (create-paywall.store.test.ts, "more than two
  // limits").
  if (token.caveats.filter(({ type }) => type === "uses").length > MAX_USE_CAVEATS) {
    throw new L402Error("CREDENTIAL_MALFORMED", "The token has too many caveats.");
  }
  return token;
}

/** SECURITY: of several tokens, exactly one must be ours; two would be ambiguous (parse-authorization.test.ts). */
async function findOurs(
  { format, keys }: PaywallSettings,
  tokens: readonly string[],
): Promise<AuthenticToken | undefined> {
  const ours: AuthenticToken[] = [];
  for (const token of tokens) {
    try {
      const read = await format.authenticate(token, keys);
      if (read) ours.push(read);
    } catch (error) {
      // A token of another seller may be unreadable here, so a 401 is ignored. Other errors are not: a format that is
      // down might have recognized the token.
      if (!isL402Error(error) || statusOf(error) !== 401) throw error;
    }
  }
  if (ours.length > 1) throw new L402Error("CREDENTIAL_MALFORMED", "This seller issued two of the tokens. Send one.");
  return ours[0];
}

interface Asked {
  /** The resource that the seller's terms sell. */
  resource: string;
  /** The resource of this very request: its method and path. */
  requestResource: string;
}

/** Checks that an authentic token opens this request now. Its claims and all its caveats must hold. */
export function checkScope({ claims, caveats }: AuthenticToken, asked: Asked, now: Date): void {
  // Each comparison is written so that an invalid date counts as expired.
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
