import { type ClientState, isSameWish, type StoredCredential } from "./client-state.ts";
import { isValid } from "./credentials.ts";

/** The cheapest are forgotten first, and of these the oldest. So a seller that is never visited again costs nothing. */
const MAX_SCOPES = 1000;
const MAX_PER_SCOPE = 100;

/**
 * Writes down what a payment bought.
 *
 * SECURITY: what the seller has not accepted yet is never pushed out, or it would be paid again (client.lost.test.ts, "150 at once");
 * and nobody pushes out what was dear by selling what is cheap (client.budget.test.ts, "cheap pages").
 */
export function addCredential({ credentials }: ClientState, credential: StoredCredential, now: number): void {
  const { scope } = credential;
  const isLoss = (each: StoredCredential) => each.usesLeft === 0 && isSameWish(each.scope, scope) && isValid(each, now);
  const afterLoss = Object.values(credentials).flat().some(isLoss) || undefined;
  const same = (credentials[scope.key] ?? []).filter((each) => isValid(each, now));
  let spare = same.length + 1 - MAX_PER_SCOPE;
  delete credentials[scope.key]; // to the end
  credentials[scope.key] = [...same.filter((each) => each.unaccepted || spare-- <= 0), { ...credential, afterLoss }];
  const isOwed = (key: string) => credentials[key]?.some((each) => each.unaccepted && isValid(each, now));
  const others = Object.keys(credentials).filter((key) => !isOwed(key));
  if (others.length < MAX_SCOPES) return;
  const worth = (key: string) =>
    Math.max(...(credentials[key] ?? []).map((each) => (isValid(each, now) ? each.amountMsat : 0)));
  delete credentials[others.reduce((least, each) => (worth(each) < worth(least) ? each : least))];
}
