import { L402Error } from "../errors.ts";
import type { AuthenticToken } from "../interfaces/token-format.ts";
import type { Use, UseStore } from "../interfaces/use-store.ts";
import { asL402Error, withinSeconds } from "./time-limit.ts";

/** The uses one request took, and how to give them back. */
export interface TakenUses {
  /** Absent when nothing is counted. */
  remaining: number | undefined;
  release(): Promise<void>;
}

/** Servers' clocks differ: a count is kept for a while after its token has expired. */
const CLOCK_SKEW_MS = 10 * 60_000;
const STORE_TIMEOUT_SECONDS = 3;
const STORE = { what: "The use store", code: "STORE_UNAVAILABLE" } as const;

/**
 * Counts this request against the token's limit and against every limit that a holder added. All or nothing.
 *
 * SECURITY: keys come from authentic bytes, never from what the client typed: a preimage in other case is the same
 * payment (create-paywall.replay.test.ts, "hex case"). The expiry is the minted one, so that all sub-tokens of a pass
 * share one count.
 */
export async function takeUses(store: UseStore, { claims, caveats }: AuthenticToken): Promise<TakenUses> {
  const expiresAt = new Date(claims.expiresAt.getTime() + CLOCK_SKEW_MS);
  const uses: Use[] = [];
  if (claims.uses !== "unlimited") uses.push({ key: claims.paymentHash, limit: claims.uses, expiresAt });
  for (const caveat of caveats) {
    if (caveat.type === "uses") uses.push({ key: `${claims.paymentHash}:${caveat.id}`, limit: caveat.uses, expiresAt });
  }

  const taken: Use[] = [];
  const release = async () => {
    for (const use of taken.splice(0)) await withinSeconds(STORE_TIMEOUT_SECONDS, () => store.release(use), STORE);
  };
  let remaining: number | undefined;
  // The narrowest first, so that a used-up sub-token does not touch the count of the whole pass.
  for (const use of uses.reverse()) {
    try {
      const answer = store.consume(use);
      // Awaiting what is no promise would cost time on every paid request.
      const left = typeof answer === "object" ? await patiently(store, use, answer) : answer;
      if (left === false) throw new L402Error("CREDENTIAL_USED_UP");
      // SECURITY: a store that answers anything else is not trusted (create-paywall.store.test.ts, "odd answers").
      if (!Number.isSafeInteger(left) || left < 0 || left >= use.limit) throw new Error("odd answer");
      taken.push(use);
      remaining = Math.min(remaining ?? left, left);
    } catch (error) {
      await release().catch(() => {});
      throw asL402Error(error, "STORE_UNAVAILABLE", "The use store");
    }
  }
  return { remaining, release };
}

/** A use that is counted after we gave up waiting is given back: the buyer got nothing for it. */
function patiently(store: UseStore, use: Use, answer: PromiseLike<number | false>): Promise<number | false> {
  // Once: a query builder that is awaited twice asks its database twice.
  const counted = Promise.resolve(answer);
  let waiting = true;
  counted.then((left) => (waiting || left === false ? undefined : store.release(use))).catch(() => {});
  return withinSeconds(STORE_TIMEOUT_SECONDS, () => counted, STORE).catch((error: unknown) => {
    waiting = false;
    throw error;
  });
}
