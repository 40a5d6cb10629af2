import { L402Error } from "../errors.ts";
import type { AuthenticToken } from "../interfaces/token-format.ts";
import type { Use, UseStore } from "../interfaces/use-store.ts";
import { asL402Error, withinSeconds } from "./time-limit.ts";

/** The uses one request took, and how to give them back. */
export interface TakenUses {
  /** Absent when nothing is counted. */
  remaining: number | undefined;
  /** Rejects with an L402Error. */
  release(): Promise<void>;
}

/**
 * Servers' clocks differ: a count is kept for a while after its token has expired. Stores find a count by its expiry, so
 * with another number here, tokens that are used up could be used again.
 */
const CLOCK_SKEW_MS = 600_000;
const STORE_TIMEOUT_SECONDS = 3;
const STORE = { what: "The use store", code: "STORE_UNAVAILABLE" } as const;
/** How often all sub-tokens with limits of one unlimited pass can be used: each may be a count in the store. */
const SUB_USES = 100_000;
const MAX_LATE = 10_000;

/** Counts requests against their tokens' limits, and against every limit that a holder added. All or nothing. */
export function createUseTaker(store: UseStore) {
  /** Keys whose use may have been counted although its request was refused, until that was given back. */
  const late: string[] = [];
  const giveBack = (use: Use) => withinSeconds(STORE_TIMEOUT_SECONDS, () => store.release(use), STORE);

  /** A use that is counted after we gave up waiting is given back: the buyer got nothing for it. */
  function patiently(use: Use, answer: PromiseLike<number | false>): Promise<number | false> {
    // Once: a query builder that is awaited twice asks its database twice.
    const counted = Promise.resolve(answer);
    return withinSeconds(STORE_TIMEOUT_SECONDS, () => counted, STORE).catch((error: unknown) => {
      if (late.push(use.key) > MAX_LATE) late.shift();
      const forget = () => {
        if (late.includes(use.key)) late.splice(late.indexOf(use.key), 1);
      };
      counted.then((left) => (left === false ? undefined : giveBack(use))).then(forget, forget);
      throw error;
    });
  }

  return (token: AuthenticToken): TakenUses | Promise<TakenUses> => {
    const uses = usesOf(token);
    const taken: Use[] = [];
    const release = async () => {
      // All of them, also when one fails.
      const results = await Promise.allSettled(taken.splice(0).map(giveBack));
      for (const result of results) if (result.status === "rejected") throw result.reason;
    };
    const fail = async (error: unknown): Promise<never> => {
      await release().catch(() => {});
      throw asL402Error(error, STORE.code, STORE.what);
    };
    /** At once where the store answers at once: to wait for what is there costs time on every paid request. */
    function takeFrom(i: number, remaining?: number): TakenUses | Promise<TakenUses> {
      const use = uses[i];
      if (!use) return { remaining, release };
      const wasLate = late.includes(use.key);
      const goOn = (left: number | false) => {
        // Whoever only has to wait until a use comes back must not be offered another invoice.
        if (left === false) throw new L402Error(wasLate || late.includes(use.key) ? STORE.code : "CREDENTIAL_USED_UP");
        // SECURITY: a store that answers anything else is not trusted (create-paywall.store.test.ts, "odd answers").
        if (!Number.isSafeInteger(left) || left < 0 || left >= use.limit) throw new L402Error(STORE.code);
        taken.push(use);
        return takeFrom(i + 1, Math.min(remaining ?? left, left));
      };
      const answer = store.consume(use);
      return typeof answer === "object" ? patiently(use, answer).then(goOn) : goOn(answer);
    }
    try {
      const all = takeFrom(0);
      return "then" in all ? all.catch(fail) : all;
    } catch (error) {
      return fail(error);
    }
  };
}

/**
 * What has to be counted, the narrowest first, so that a used-up sub-token does not touch the count of the whole pass.
 *
 * SECURITY: keys come from authentic bytes, never from what the client typed: a preimage in other case is the same
 * payment (create-paywall.replay.test.ts, "hex case"). The expiry is the minted one, so that all sub-tokens of a pass
 * share one count.
 */
function usesOf({ claims, caveats }: AuthenticToken): Use[] {
  const expiresAt = new Date(claims.expiresAt.getTime() + CLOCK_SKEW_MS);
  const uses: Use[] = [];
  for (const caveat of caveats) {
    if (caveat.type !== "uses") continue;
    uses.unshift({ key: `${claims.paymentHash}:${caveat.id}`, limit: caveat.uses, expiresAt });
  }
  const limit = claims.uses !== "unlimited" ? claims.uses : uses.length ? SUB_USES : undefined;
  if (limit) uses.push({ key: claims.paymentHash, limit, expiresAt });
  return uses;
}
