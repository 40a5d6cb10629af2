import type { RunScript, Script } from "./redis-client.ts";
import { wholeNumber } from "./whole-number.ts";

/** Two servers look like one with a probability of 2^-31. */
const KEYS = 32;
const RETRY_MS = 5000;

/** Writes all KEYS. Returns how many of them existed before. */
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
 * Finds out whether one server holds all keys. It writes several keys in one call, and then looks for them one by one.
 * A cluster refuses the first call. Some proxies that spread keys over servers send it to the server of the first key.
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
    /** False until the answer is known. The first call starts the probe, and does not wait for it. */
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
    /** Call this when a server has become a cluster. */
    forget(): void {
      isOne = false;
    },
  };
}
