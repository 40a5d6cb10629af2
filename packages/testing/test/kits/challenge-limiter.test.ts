import { type ChallengeLimiter, L402Error } from "@l402/core";
import { describe, expect, it } from "vitest";
import { describeChallengeLimiter } from "../../src/index.ts";
import {
  type ChallengeLimiterSubject,
  challengeLimiterCases,
  type KitLimits,
} from "../../src/kits/challenge-limiter.ts";
import { namesOf, runCase } from "./run-cases.ts";

const ALLOWED = { allowed: true } as const;
const NOT_YET = { allowed: false, retryAfterSeconds: 20 } as const;

/** A limiter that never forgets, with a backend that can be down. */
function createCounter({ perClientPerMinute, perMinute }: KitLimits) {
  const counter = {
    counts: new Map<string | undefined, number>(),
    all: 0,
    down: false,
    take(clientKey: string | undefined): ReturnType<ChallengeLimiter["take"]> {
      if (counter.down) throw new L402Error("STORE_UNAVAILABLE");
      const count = counter.counts.get(clientKey) ?? 0;
      if (counter.all >= perMinute || (clientKey !== undefined && count >= perClientPerMinute)) return NOT_YET;
      counter.counts.set(clientKey, count + 1);
      counter.all++;
      return ALLOWED;
    },
    giveBack(clientKey: string | undefined): void {
      counter.counts.set(clientKey, Math.max(0, (counter.counts.get(clientKey) ?? 0) - 1));
      counter.all = Math.max(0, counter.all - 1);
    },
  };
  return counter;
}
type Counter = ReturnType<typeof createCounter>;

const subjectWith = (change: (counter: Counter, limits: KitLimits) => Partial<ChallengeLimiter>) => {
  let counter: Counter;
  return {
    name: "a limiter",
    create(limits) {
      counter = createCounter(limits);
      return { take: counter.take, giveBack: counter.giveBack, ...change(counter, limits) };
    },
    breakBackend() {
      counter.down = true;
      return () => {
        counter.down = false;
      };
    },
  } satisfies ChallengeLimiterSubject;
};

describeChallengeLimiter(
  { describe, it },
  subjectWith(() => ({})),
);

const NUMBER = "allows each client its number a minute, and says when to come back";
const PARALLEL = "allows no more when requests run in parallel";
const TOGETHER = "limits all clients together, and with them those that cannot be told apart";
const BACK = "gives a place back for an invoice that was paid";
const CREDIT = "gives no credit for what is given back";
const DOWN = "allows nothing and fails with an L402Error while its backend is down";

const BREAKAGES: readonly [what: string, failingCase: string, ...Parameters<typeof subjectWith>][] = [
  ["limits nobody", NUMBER, () => ({ take: () => ALLOWED })],
  ["takes all for one client", NUMBER, ({ take }) => ({ take: () => take("everybody") })],
  [
    "does not say when",
    NUMBER,
    ({ take }) => ({ take: (key) => (take(key) === ALLOWED ? ALLOWED : ({ allowed: false } as typeof NOT_YET)) }),
  ],
  [
    "looks, waits and then counts",
    PARALLEL,
    ({ counts }, { perClientPerMinute }) => ({
      async take(key) {
        const count = counts.get(key) ?? 0;
        await Promise.resolve();
        if (count >= perClientPerMinute) return NOT_YET;
        counts.set(key, count + 1);
        return ALLOWED;
      },
    }),
  ],
  [
    "lets through who has no key",
    TOGETHER,
    ({ take }) => ({ take: (key) => (key === undefined ? ALLOWED : take(key)) }),
  ],
  ["has no giveBack", BACK, () => ({ giveBack: undefined as never })],
  ["gives nothing back", BACK, () => ({ giveBack: () => {} })],
  [
    "forgets the limit of all",
    BACK,
    (counter) => ({ giveBack: (key) => void counter.counts.set(key, (counter.counts.get(key) ?? 0) - 1) }),
  ],
  [
    "saves up what is given back",
    CREDIT,
    (counter) => ({
      giveBack(key) {
        counter.counts.set(key, (counter.counts.get(key) ?? 0) - 1);
        counter.all--;
      },
    }),
  ],
  [
    "lets everybody in while its backend is down",
    DOWN,
    (counter) => ({ take: (key) => (counter.down ? ALLOWED : counter.take(key)) }),
  ],
];

describe("the kit", () => {
  it.each(BREAKAGES)("notices a limiter that %s", async (_, failingCase, change) => {
    await expect(runCase(challengeLimiterCases, failingCase, subjectWith(change))).rejects.toThrow();
  });

  it("has no case that cannot fail", () => {
    expect([...new Set(BREAKAGES.map(([, failingCase]) => failingCase))].sort()).toEqual(
      namesOf(challengeLimiterCases),
    );
  });
});
