import { type ClientState, isSameWish, isValid, type StoredCredential } from "../state/client-state.ts";

/**
 * Limits of what is kept. The cheapest scopes are forgotten first, and of these the oldest, so that a seller that is
 * never visited again does not fill the store.
 */
const MAX_SCOPES = 1000;
const MAX_PER_SCOPE = 100;

/**
 * Writes down the credential that a payment bought.
 *
 * SECURITY: a credential that the seller has not accepted yet is never pushed out, because the client would pay for it
 * again (client.lost.test.ts, "150 at once"). A seller of many cheap credentials cannot push out an expensive one
 * (client.budget.test.ts, "cheap pages").
 */
export function addCredential({ credentials }: ClientState, credential: StoredCredential, now: number): void {
  const { scope } = credential;
  const isLoss = (each: StoredCredential) =>
    each.usesLeft === 0 && each.unaccepted && isSameWish(each.scope, scope) && isValid(each, now);
  const afterLoss = Object.values(credentials).flat().some(isLoss);
  const same = (credentials[scope.key] ?? []).filter((each) => isValid(each, now));
  /** How many have to go: of those that are over the oldest, and then of all. */
  let spare = same.length + 1 - MAX_PER_SCOPE;
  const kept = same
    .filter((each) => each.usesLeft !== 0 || each.unaccepted || spare-- <= 0)
    .filter((each) => each.unaccepted || spare-- <= 0);
  delete credentials[scope.key]; // so that the new entry comes last
  credentials[scope.key] = [...kept, { ...credential, afterLoss }];
  const isOwed = (key: string) => credentials[key]?.some((each) => each.unaccepted && isValid(each, now));
  const others = Object.keys(credentials).filter((key) => !isOwed(key));
  if (others.length < MAX_SCOPES) return;
  const worthOf = (each: StoredCredential) => (each.usesLeft !== 0 && isValid(each, now) ? each.amountMsat : 0);
  const worth = (key: string) => Math.max(...(credentials[key] ?? []).map(worthOf));
  delete credentials[others.reduce((least, each) => (worth(each) < worth(least) ? each : least))];
}
