// Interleaved rounds: every round runs every case, each time in another order, so that a busy machine slows all of them.
// What counts is a ratio inside one round, and the CPU time of this process: others on the machine do not add to it.

const ROUNDS = 9;
const SLICE_MS = 50;

/**
 * A loop for one case: it answers a promise only where the case does. Compiled anew for each, because a loop that has seen
 * many cases calls each of them more slowly.
 */
async function loopFor(call) {
  const isAsync = call(0) instanceof Promise;
  const step = isAsync ? "last = await call(i)" : "last = call(i)";
  const source = `return ${isAsync ? "async " : ""}(count) => { let last; for (let i = 0; i < count; i++) ${step}; return last; }`;
  return new Function("call", source)(call);
}

const cpuMicros = (before) => {
  const { user, system } = process.cpuUsage(before);
  return user + system;
};

/** CPU nanoseconds of one call of each case, round by round: `{ name: [nanos, …] }`. */
export async function measure(cases) {
  const names = Object.keys(cases);
  const counts = {};
  const loops = {};
  for (const name of names) {
    loops[name] = await loopFor(cases[name]);
    // Until it takes long enough to be told, and has become warm.
    for (let count = 64; ; count *= 2) {
      const start = performance.now();
      await loops[name](count);
      const took = performance.now() - start;
      if (took < SLICE_MS / 2) continue;
      counts[name] = Math.max(1, Math.round((count * SLICE_MS) / took));
      break;
    }
  }
  const nanos = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round + names.length) % names.length];
      // Each case pays for its own garbage, and not for that of the case before it.
      globalThis.gc?.({ type: "minor" });
      const before = process.cpuUsage();
      await loops[name](counts[name]);
      globalThis.gc?.({ type: "minor" });
      const took = cpuMicros(before);
      // The first round only warms up.
      if (round >= 0) nanos[name].push((took * 1000) / counts[name]);
    }
  }
  return nanos;
}

/** Median, least and greatest. */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  return { median, min: sorted[0], max: sorted.at(-1) };
}

/** The spread of each case. */
export const spreads = (byName) =>
  Object.fromEntries(Object.entries(byName).map(([name, values]) => [name, spread(values)]));

/** What was measured once. */
export const onlyOne = (value) => spread([value]);

/** How many times as long `slow` takes as `fast`, round by round. */
export const ratio = (slow, fast) => spread(slow.map((value, round) => value / fast[round]));

/** `slow` minus `fast`, round by round. */
export const difference = (slow, fast) => spread(slow.map((value, round) => value - fast[round]));

/** Ends the benchmark: what is wrong has no speed. */
export function mustHold(isTrue, what) {
  if (!isTrue) throw new Error(`Not measured, because it is wrong: ${what}`);
}

/** True where the call throws, rejects or answers false. */
export async function refuses(call) {
  try {
    return (await call()) === false;
  } catch {
    return true;
  }
}
