import type { Use } from "@l402/core";
import { createServerProbe } from "./one-server.ts";
import type { RunScript } from "./redis-client.ts";
import { unavailable } from "./redis-error.ts";
import { TAKE_USES } from "./use-scripts.ts";
import { wholeNumber } from "./whole-number.ts";
import { withinTime } from "./within-time.ts";

/** So many that writing to the socket costs little for each, and so few that nobody else at Redis has to wait long. */
const MAX_USES = 64;

interface Waiting {
  key: string;
  use: Use;
  expiresAt: string;
  resolve(left: number | false): void;
  reject(error: unknown): void;
}

/**
 * Takes uses with one call for all that come in the same turn of the event loop, where one server holds all keys, and with
 * one call for each elsewhere. Uses that were taken after the wait for them ended go to `giveBack`.
 */
export function createUseQueue(options: {
  run: RunScript;
  prefix: string;
  newId(): string;
  giveBack(use: Use): Promise<void>;
}) {
  const { run, newId, giveBack } = options;
  const probe = createServerProbe(run, options.prefix);
  let waiting: Waiting[] = [];

  function flush() {
    const uses = waiting;
    waiting = [];
    // Asked only where it would help.
    if (uses.length > 1 && !probe.isOneServer()) for (const use of uses) send([use]);
    else if (uses.length > 0) send(uses);
  }

  function send(uses: Waiting[]): void {
    const keys = uses.map(({ key }) => key);
    const args = [newId(), uses.map(({ expiresAt }) => expiresAt).join("")];
    if (uses.some(({ use }) => use.limit !== 1)) args.push(uses.map(({ use }) => padded(use.limit, 16)).join(""));
    const taken = run(TAKE_USES, keys, args);
    withinTime(taken).then(
      (answers) => settle(uses, answers),
      (error) => {
        if (/\(CROSSSLOT\)/.test(error.message)) probe.forget();
        for (const { reject } of uses) reject(error);
        // The buyers got nothing for what is taken from now on.
        taken.then((answers) => settle(uses.map(late), answers)).catch(() => {});
      },
    );
  }

  const late = (waited: Waiting): Waiting => ({
    ...waited,
    resolve: (left) => left !== false && giveBack(waited.use).catch(() => {}),
    reject: () => {},
  });

  return (key: string, use: Use): Promise<number | false> =>
    new Promise((resolve, reject) => {
      const expiresAt = padded(Math.min(Math.max(use.expiresAt.getTime(), 0), LAST_INSTANT), 13);
      const count = waiting.push({ key, use, expiresAt, resolve, reject });
      if (count === 1) nextTurn(flush);
      if (count === MAX_USES) flush();
    });
}

const LAST_INSTANT = 9_999_999_999_999;

const padded = (number: number, digits: number): string => String(number).padStart(digits, "0");

/** After all input that has come already, where the runtime tells. */
const nextTurn: (run: () => void) => unknown = globalThis.setImmediate ?? queueMicrotask;

/** SECURITY: an answer that is not exactly as expected grants nothing (create-redis-use-store.test.ts, "odd answer"). */
function settle(uses: readonly Waiting[], answers: unknown): void {
  const isComplete = Array.isArray(answers) && answers.length === uses.length;
  uses.forEach(({ use, resolve, reject }, i) => {
    const taken = isComplete ? wholeNumber(answers[i]) : Number.NaN;
    if (taken === 0) resolve(false);
    else if (taken > 0 && taken <= use.limit) resolve(use.limit - taken);
    else if (taken === -1) reject(unavailable("the key holds something else than a count"));
    else reject(unavailable("its answer is unusable"));
  });
}
