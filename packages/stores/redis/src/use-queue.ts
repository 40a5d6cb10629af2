import type { Use } from "@l402/core";
import { createServerProbe } from "./one-server.ts";
import type { RunScript } from "./redis-client.ts";
import { unavailable } from "./redis-error.ts";
import type { UsePlace } from "./use-places.ts";
import { TAKE_USES } from "./use-scripts.ts";
import { withinTime } from "./within-time.ts";

/**
 * The most uses in one call. With this many, writing to the socket costs little per use, and Redis counts one call
 * while the next is collected: with 64 requests at once, two calls of 32 take three quarters of the time of one call of
 * 64.
 */
const MAX_USES = 32;

interface Waiting extends UsePlace {
  use: Use;
  resolve(left: number | false): void;
  reject(error: unknown): void;
}

/**
 * Takes uses. If one server holds all keys, one call takes all uses that arrive in the same turn of the event loop;
 * otherwise each use has its own call. A use that is taken after its wait has ended goes to `giveBack`.
 */
export function createUseQueue(options: {
  run: RunScript;
  prefix: string;
  newId(): string;
  placeOf(use: Use): UsePlace;
  giveBack(use: Use): Promise<void>;
}) {
  const { run, newId, placeOf, giveBack } = options;
  const probe = createServerProbe(run, options.prefix);
  let waiting: Waiting[] = [];

  function flush() {
    const uses = waiting;
    waiting = [];
    // Ask for the topology only if one call for several uses would help.
    if (uses.length > 1 && !probe.isOneServer()) for (const use of uses) send([use]);
    else if (uses.length > 0) send(uses);
  }

  function send(uses: Waiting[]): void {
    const taken = run(TAKE_USES, ...callFor(newId(), uses));
    withinTime(taken).then(
      (answer) => settle(uses, answer),
      (error) => {
        if (/\(CROSSSLOT\)/.test(error.message)) probe.forget();
        for (const { reject } of uses) reject(error);
        // The wait has ended and the buyers were refused, so give back every use that is still taken.
        taken.then((answer) => settle(uses.map(late), answer)).catch(() => {});
      },
    );
  }

  const late = (waited: Waiting): Waiting => ({
    ...waited,
    resolve: (left) => left !== false && giveBack(waited.use).catch(() => {}),
    reject: () => {},
  });

  return (use: Use): Promise<number | false> =>
    new Promise((resolve, reject) => {
      const { bucket, field, laterMs } = placeOf(use);
      const count = waiting.push({ use, bucket, field, laterMs, resolve, reject });
      if (count === 1) nextTurn(flush);
      if (count === MAX_USES) flush();
    });
}

function callFor(id: string, uses: readonly Waiting[]): [keys: string[], args: string[]] {
  const keys: string[] = [];
  let firstExpiry = LAST_INSTANT;
  let areSingle = true;
  let text = "";
  for (const { bucket, laterMs, field, use } of uses) {
    // There are few keys, and equal buckets are the same string object, so indexOf is fast.
    let index = keys.indexOf(bucket);
    if (index < 0) index = keys.push(bucket) - 1;
    text += `${String.fromCharCode(48 + index)}${padded(laterMs, 4)}${field} `;
    firstExpiry = Math.min(firstExpiry, use.expiresAt.getTime());
    areSingle &&= use.limit === 1;
  }
  const args = [id + firstExpiry, text];
  if (!areSingle) args.push(uses.map(({ use }) => padded(use.limit, 16)).join(""));
  return [keys, args];
}

const LAST_INSTANT = 8.64e15;

const padded = (number: number, digits: number): string => String(number).padStart(digits, "0");

/** Runs a function after all input that has already arrived, on runtimes with setImmediate. */
const nextTurn: (run: () => void) => unknown = globalThis.setImmediate ?? queueMicrotask;

/**
 * SECURITY: an answer that is not exactly as expected grants nothing (create-redis-use-store.test.ts, "odd answer").
 */
function settle(uses: readonly Waiting[], answer: unknown): void {
  const counts = countsIn(answer);
  for (let i = 0; i < uses.length; i++) {
    const { use, resolve, reject } = uses[i] as Waiting;
    const taken = counts.length === uses.length ? Number(counts[i]) : Number.NaN;
    if (taken === 0) resolve(false);
    else if (taken > 0 && taken <= use.limit) resolve(use.limit - taken);
    // The paywall has just found the token valid, and adds ten minutes to its expiry.
    else if (taken === -2) reject(unavailable("its clock is more than ten minutes ahead of this server's"));
    else if (taken === -1)
      reject(unavailable("the key holds something else than counts: is another program using the prefix?"));
    else reject(unavailable("it sent an answer that makes no sense"));
  }
}

/** Some clients turn a text with one number into a number. */
function countsIn(answer: unknown): string[] {
  const text = typeof answer === "number" || typeof answer === "bigint" ? String(answer) : answer;
  return typeof text === "string" && /^-?\d{1,15}(?:,-?\d{1,15})*$/.test(text) ? text.split(",") : [];
}
