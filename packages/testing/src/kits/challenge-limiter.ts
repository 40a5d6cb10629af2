import assert from "node:assert/strict";
import type { ChallengeLimiter } from "@l402/core";
import { answerOf, errorOf, expectL402Error } from "./expectations.ts";
import { during, given, type KitCase, type KitSubject, type Repair, registerKit, type TestRunner } from "./kit.ts";

/** A limiter to test. */
export interface ChallengeLimiterSubject extends KitSubject {
  /** Creates an unused limiter with these limits. Called for every case. */
  create(limits: KitLimits): ChallengeLimiter | Promise<ChallengeLimiter>;
  /** Makes every call to the backend fail until the returned function is called. */
  breakBackend?(limiter: ChallengeLimiter): Repair | Promise<Repair>;
}

/** Unpaid invoices a minute. */
export interface KitLimits {
  perClientPerMinute: number;
  perMinute: number;
}

/** A client gets a place every twenty seconds, so that a slow case does not get one more. */
const LIMITS: KitLimits = { perClientPerMinute: 3, perMinute: 5 };
const [ALICE, BOB, CAROL] = ["203.0.113.1", "203.0.113.2", "203.0.113.3"] as const;

/** All requirements of the kit for a limiter. */
export const challengeLimiterCases: readonly KitCase<ChallengeLimiterSubject>[] = [
  {
    name: "allows each client its number a minute, and says when to come back",
    safety: true,
    async run(subject) {
      const limiter = await subject.create({ ...LIMITS, perMinute: 1000 });
      assert.equal(await taken(limiter, ALICE), 3);
      assert.equal(await taken(limiter, BOB), 3);
      const answer = await answerOf(() => limiter.take(ALICE));
      const { retryAfterSeconds } = answer as { retryAfterSeconds?: number };
      assert.ok(Number.isInteger(retryAfterSeconds), "retryAfterSeconds must be a whole number.");
      assert.ok(Number(retryAfterSeconds) >= 1 && Number(retryAfterSeconds) <= 60, "It must be a minute at most.");
    },
  },
  {
    name: "allows no more when requests run in parallel",
    safety: true,
    async run(subject) {
      const limiter = await subject.create(LIMITS);
      const answers = await Promise.all(Array.from({ length: 20 }, () => answerOf(() => limiter.take(ALICE))));
      assert.equal(answers.filter(({ allowed }) => allowed).length, 3);
    },
  },
  {
    name: "limits all clients together, and with them those that cannot be told apart",
    safety: true,
    async run(subject) {
      const limiter = await subject.create(LIMITS);
      assert.deepEqual([await taken(limiter, ALICE), await taken(limiter, undefined)], [3, 2]);
      assert.equal(await taken(limiter, BOB), 0);
    },
  },
  {
    name: "gives a place back for an invoice that was paid",
    safety: false,
    async run(subject) {
      const limiter = await subject.create(LIMITS);
      assert.ok(limiter.giveBack, "Without giveBack, buyers who pay are limited too. Write it, or skip this case.");
      assert.deepEqual([await taken(limiter, ALICE), await taken(limiter, BOB)], [3, 2]);
      await giveBack(limiter, ALICE);
      // Nobody else has it, and the limit of all has room for it.
      assert.equal(await taken(limiter, ALICE), 1);
      await giveBack(limiter, undefined);
      assert.deepEqual([await taken(limiter, ALICE), await taken(limiter, CAROL)], [0, 1]);
    },
  },
  {
    name: "gives no credit for what is given back",
    safety: true,
    async run(subject) {
      const limiter = await subject.create(LIMITS);
      for (let i = 0; i < 20; i++) await giveBack(limiter, ALICE);
      assert.deepEqual([await taken(limiter, ALICE), await taken(limiter, BOB)], [3, 2]);
    },
  },
  {
    name: "allows nothing and fails with an L402Error while its backend is down",
    safety: true,
    needs: "breakBackend",
    async run(subject) {
      const limiter = await subject.create(LIMITS);
      await during(given(subject, "breakBackend"), limiter, async () => {
        expectL402Error(await errorOf(() => limiter.take(ALICE), "take must fail while its backend is down."), /./);
      });
    },
  },
];

/** Registers the tests that every `ChallengeLimiter` must pass: never more than its limits, and paid invoices back. */
export function describeChallengeLimiter(runner: TestRunner, subject: ChallengeLimiterSubject): void {
  registerKit(runner, "challenge limiter", challengeLimiterCases, subject);
}

/** How many of nine invoices a client gets. */
async function taken(limiter: ChallengeLimiter, clientKey: string | undefined): Promise<number> {
  let allowed = 0;
  for (let i = 0; i < 9; i++) if ((await answerOf(() => limiter.take(clientKey))).allowed) allowed++;
  return allowed;
}

const giveBack = (limiter: ChallengeLimiter, clientKey: string | undefined) =>
  answerOf(() => limiter.giveBack?.(clientKey));
