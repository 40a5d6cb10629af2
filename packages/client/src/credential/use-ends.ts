import type { StoredCredential, Unaccepted } from "../state/client-state.ts";

/**
 * How a request that was sent with a credential ended:
 *
 * - `served`: the seller answered, and counted a use.
 * - `unclear`: the answer is a 4xx. It may come from the handler, after a use was counted, or from a check before that.
 * - `unserved`: the seller counted no use, as far as is known. Any request can send the credential again.
 * - `sent`: the answer was lost. The seller may have counted a use.
 * - `refused`: the seller refused the credential to the very request that paid for it.
 * - `lost`: the seller says that the credential is used up. A request whose answer was lost has used it.
 * - `over`: the seller accepted the credential before, and refuses it now.
 */
export type UseEnd = Unaccepted | "served" | "unclear" | "lost" | "over";

/** True if nothing has to be written down, as for most requests. */
export const changesNothing = ({ unaccepted, usesLeft }: StoredCredential, end: UseEnd): boolean =>
  !unaccepted && usesLeft === undefined && end !== "over";

/** The credentials of one scope key that stay after a use of one of them has ended. */
export function afterUse(
  credentials: StoredCredential[],
  { paymentHash, usesLeft, failed }: StoredCredential,
  end: UseEnd,
  now: number,
): StoredCredential[] {
  const isAccepted = end === "served" || end === "unclear";
  return credentials.filter((each) => {
    const isUsed = each.paymentHash === paymentHash;
    if (isAccepted) {
      // The seller has served something, so earlier losses no longer count against it. What was lost may still come back.
      delete each.afterLoss;
      if (isUsed || each.usesLeft === 0) delete each.unaccepted;
    }
    if (!isUsed) return true;
    if (isAccepted) {
      delete each.heldUntil;
      return end !== "served" || !each.usesLeft || --each.usesLeft > 0;
    }
    if (end === "over" || end === "lost") {
      if (end === "over" && each.usesLeft === undefined) return false;
      // SECURITY: it stays unaccepted for the requests that wait for an answer (client.lost.test.ts, "of one bundle").
      // A use that has come back meanwhile may be the one that the seller missed.
      if (each.failed === failed) each.usesLeft = 0;
      return true;
    }
    if (end === "unserved") {
      each.failed = (each.failed ?? 0) + 1;
      // The seller called it used up, and a use was given back. Others may come back too: the seller counts them.
      if (each.usesLeft === 0) each.usesLeft = usesLeft;
    }
    // Otherwise a lost answer stays lost, whatever another request gets.
    const isNews = end !== "unserved" || (each.heldUntil ?? 0) > now;
    if (isNews && each.unaccepted && each.unaccepted !== "refused") {
      each.unaccepted = end;
      delete each.heldUntil;
    }
    return true;
  });
}
