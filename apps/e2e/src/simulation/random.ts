/** Makes random choices, always the same for the same seed. */
export function createRandom(seed: number) {
  let state = (seed * 0x9e3779b1) >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    chance: (probability: number) => probability > 0 && next() < probability,
    pick: <Choice>(...choices: Choice[]): Choice => choices[Math.floor(next() * choices.length)] as Choice,
    whole: (least: number, most: number) => least + Math.floor(next() * (most - least + 1)),
  };
}

export type Random = ReturnType<typeof createRandom>;
