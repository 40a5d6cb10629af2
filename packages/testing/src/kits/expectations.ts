import assert from "node:assert/strict";
import { inspect } from "node:util";
import { isL402Error, isPreimageOf, type L402Error } from "@l402/core";

// SECURITY: no message here shows a preimage or a token. Kits also run against real wallets, and their reports end up
// in the logs of a CI server (expectations.test.ts, "shows no preimage").

/** Less than the time limit of the usual test runners, whose message would not name the slow call. */
const PATIENCE_SECONDS = 3;

/** Runs a call of the subject, which may throw at once or reject. Fails if it does not answer in time. */
export async function answerOf<Answer>(
  call: () => Answer | Promise<Answer>,
  seconds = PATIENCE_SECONDS,
): Promise<Answer> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new assert.AssertionError({ message: `No answer within ${seconds} s.` })),
      seconds * 1000,
    );
  });
  try {
    return await Promise.race([(async () => call())(), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns the error of a call that must fail in time. */
export async function errorOf(call: () => unknown, message: string, seconds = PATIENCE_SECONDS): Promise<unknown> {
  const outcome = await outcomeOf(call, seconds);
  assert.ok("error" in outcome, message);
  return outcome.error;
}

/** Returns the answer or the error of a call. */
export async function outcomeOf<Answer>(
  call: () => Answer | Promise<Answer>,
  seconds = PATIENCE_SECONDS,
): Promise<{ answer: Answer } | { error: unknown }> {
  try {
    return { answer: await answerOf(call, seconds) };
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return { error };
  }
}

/** Checks that an error is an L402Error, with a code that matches, and without secrets. */
export function expectL402Error(error: unknown, codes: RegExp, secrets: readonly string[] = []): L402Error {
  assert.ok(isL402Error(error), `This must fail with an L402Error, not with ${nameOf(error)}.`);
  assert.match(error.code, codes);
  expectNoSecrets(error, secrets);
  return error;
}

/** Checks that `console.log` would show no secret of a value. */
export function expectNoSecrets(value: unknown, secrets: readonly string[]): void {
  const text = inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true }).toLowerCase();
  const leaks = secrets.some((secret) => secret !== "" && text.includes(secret.toLowerCase()));
  assert.ok(!leaks, "A secret shows in what the subject gave out.");
}

/** Checks that a preimage is the real one, in lower-case hex. */
export function expectPreimage(preimage: unknown, paymentHash: string): void {
  assert.ok(
    typeof preimage === "string" && /^[0-9a-f]{64}$/.test(preimage),
    "A preimage must be 64 lower-case hex characters.",
  );
  assert.ok(isPreimageOf(preimage, paymentHash), "The preimage must hash to the payment hash.");
}

const nameOf = (error: unknown) => (error instanceof Error ? error.name : typeof error);
