import type { RunScript, Script } from "./redis-client.ts";
import { wholeNumber } from "./whole-number.ts";

/** Two servers look like one with a chance of 2^-31. */
const KEYS = 32;
const RETRY_MS = 5000;

/** Writes all KEYS, and answers how many of them are there already. */
export const WRITE_PROBES: Script = {
  sha: "aff7fa1bfb1585d06be5def6c2378196550db3f4",
  source: `
local found = 0
for i = 1, #KEYS do
  if not redis.call("SET", KEYS[i], "1", "PX", 10000, "NX") then found = found + 1 end
end
return found
`,
};

/**
 * Finds out whether one server holds all keys, with keys that are written together and looked for one by one. A cluster
 * refuses the first, and some proxies that spread keys over servers send it where the first key belongs.
 *
 * SECURITY: without this, such a proxy would count one token in several places (one-server.test.ts, "behind a proxy").
 */
export function createServerProbe(run: RunScript, prefix: string) {
  let isOne: boolean | undefined;
  let askAgainAt = 0;

  async function ask(): Promise<boolean> {
    const name = Math.random().toString(36).slice(2);
    const keys = Array.from({ length: KEYS }, (_, i) => `${prefix}probe:${name}:${i}`);
    if (wholeNumber(await run(WRITE_PROBES, keys, [])) !== 0) return false;
    const found = await Promise.all(keys.map((key) => run(WRITE_PROBES, [key], [])));
    return found.every((answer) => wholeNumber(answer) === 1);
  }

  return {
    /** False until it is known. Asks when nobody has, and does not wait for the answer. */
    isOneServer(): boolean {
      if (isOne === undefined && performance.now() >= askAgainAt) {
        askAgainAt = Number.POSITIVE_INFINITY;
        ask().then(
          (answer) => {
            isOne = answer;
          },
          (error) => {
            if (/CROSSSLOT|same slot/i.test(String(error?.message))) isOne = false;
            askAgainAt = performance.now() + RETRY_MS;
          },
        );
      }
      return isOne === true;
    },
    /** For a server that became a cluster. */
    forget(): void {
      isOne = false;
    },
  };
}
