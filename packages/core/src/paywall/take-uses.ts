import { L402Error } from "../errors.ts";
import type { AuthenticToken } from "../interfaces/token-format.ts";
import type { Use } from "../interfaces/use-store.ts";
import { createUsesComingBack } from "../uses-coming-back.ts";
import { asL402Error, STORE_FAILURE } from "./failure.ts";
import type { PaywallSettings } from "./options.ts";
import { withinSeconds } from "./time-limit.ts";

/** The uses that one request took, and the way to give them back. */
export interface TakenUses {
  /** Undefined if the token has no limit. */
  remaining: number | undefined;
  release(): Promise<void>;
}

/**
 * Servers' clocks differ, so a count is kept for this long after its token has expired. Stores find a count by its
 * expiry: if this number changed, tokens that are used up could be used again.
 */
const CLOCK_SKEW_MS = 600_000;
const STORE_TIMEOUT_SECONDS = 3;
/**
 * How many uses all limited sub-tokens of one unlimited pass have together. The number is limited because each
 * sub-token may add a count to the store.
 */
const SUB_USES = 100_000;

/**
 * Counts a request against its token's limit and against every limit that a holder added. Takes all of these uses or
 * none.
 */
export function createUseTaker({ useStore: store, waitUntil }: PaywallSettings) {
  // The use of a failed request comes back, and so does one that the store counts too late for its request.
  const comingBack = createUsesComingBack();

  /** Gives a use back, with a time limit for who waits. It is on its way until the store has answered. */
  const giveBack = (use: Use) => {
    const release = async () => store.release(use);
    return inTime(() => comingBack.add(use.key, release()));
  };

  /**
   * Waits for the store, with a time limit. A use that the store counts after that limit is given back, because the
   * buyer got nothing for it.
   */
  function patiently(use: Use, answer: PromiseLike<number | false>): Promise<number | false> {
    // The answer is resolved only once, because a query builder that is awaited twice sends its query twice.
    const counted = Promise.resolve(answer);
    return inTime(() => counted).catch((error: unknown) => {
      const givenBack = counted.then<unknown>((left) => left !== false && giveBack(use)).catch(() => {});
      comingBack.add(use.key, givenBack);
      waitUntil?.(givenBack);
      throw error;
    });
  }

  return (token: AuthenticToken): TakenUses | Promise<TakenUses> => {
    const uses = usesOf(token);
    const taken: Use[] = [];
    const release = async () => {
      const releases = taken.map(giveBack);
      // All uses are given back, even if one call fails. Then the first failure is told.
      await Promise.allSettled(releases);
      await Promise.all(releases);
    };
    const fail = async (error: unknown): Promise<never> => {
      await release().catch(() => {});
      throw asL402Error(error, STORE_FAILURE);
    };
    /**
     * Takes the uses from index `i` on. It answers synchronously if the store does, because an `await` on a plain value
     * costs time on every paid request.
     */
    function takeFrom(i: number, remaining?: number): TakenUses | Promise<TakenUses> {
      const use = uses[i];
      if (!use) return { remaining, release };
      const wasComingBack = comingBack.has(use.key);
      const goOn = (left: number | false) => {
        // A use that may come back: the buyer should retry, and must not be offered another invoice.
        if (left === false)
          throw new L402Error(wasComingBack || comingBack.has(use.key) ? "STORE_UNAVAILABLE" : "CREDENTIAL_USED_UP");
        // SECURITY: any other answer of a store is not trusted (create-paywall.store.test.ts, "odd answers").
        if (!Number.isSafeInteger(left) || left < 0 || left >= use.limit) throw new L402Error("STORE_UNAVAILABLE");
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

const inTime = <Result>(call: () => PromiseLike<Result> | Result) =>
  withinSeconds(STORE_TIMEOUT_SECONDS, call, STORE_FAILURE);

/**
 * Lists the uses to count, the narrowest limit first, so that a sub-token that is used up does not touch the count of
 * the whole pass.
 *
 * SECURITY: keys come from authentic bytes, never from the text that the client sent: a preimage in another letter case
 * is the same payment (create-paywall.replay.test.ts, "hex case"). The expiry is the one that was minted, so that all
 * sub-tokens of a pass share one count.
 */
function usesOf({ claims, caveats }: AuthenticToken): Use[] {
  const expiresAt = new Date(claims.expiresAt.getTime() + CLOCK_SKEW_MS);
  const uses: Use[] = [];
  for (const caveat of caveats) {
    if (caveat.type !== "uses") continue;
    uses.unshift({ key: `${claims.paymentHash}:${caveat.id}`, limit: caveat.uses, expiresAt });
  }
  const limit = claims.uses === "unlimited" ? uses.length && SUB_USES : claims.uses;
  if (limit) uses.push({ key: claims.paymentHash, limit, expiresAt });
  return uses;
}
