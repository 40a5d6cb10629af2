export interface Measured {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  failed: number;
}

/**
 * Begins something so many times a second, whether or not the one before has ended, and measures how long each takes, from
 * when it was due.
 */
export async function steadyLoad(
  perSecond: number,
  seconds: number,
  act: (nth: number) => Promise<unknown>,
): Promise<Measured> {
  const total = perSecond * seconds;
  const took: number[] = [];
  let failed = 0;
  const began = performance.now();
  const underWay: Promise<void>[] = [];
  for (let nth = 0; nth < total; ) {
    const due = Math.min(total, Math.floor(((performance.now() - began) / 1000) * perSecond) + 1);
    for (; nth < due; nth++) {
      const at = began + (nth / perSecond) * 1000;
      underWay.push(
        act(nth).then(
          () => void took.push(performance.now() - at),
          () => void failed++,
        ),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await Promise.all(underWay);
  return summary(took, performance.now() - began, failed);
}

/** As fast as it goes, with so many at once. */
export async function fullLoad(
  count: number,
  atOnce: number,
  act: (nth: number) => Promise<unknown>,
): Promise<Measured> {
  const took: number[] = [];
  let [nth, failed] = [0, 0];
  const began = performance.now();
  const work = async () => {
    while (nth < count) {
      const at = performance.now();
      await act(nth++).then(
        () => took.push(performance.now() - at),
        () => failed++,
      );
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return summary(took, performance.now() - began, failed);
}

function summary(took: number[], ms: number, failed: number): Measured {
  took.sort((a, b) => a - b);
  const at = (share: number) => Math.round((took[Math.floor(took.length * share)] ?? Number.NaN) * 10) / 10;
  return { perSecond: Math.round((took.length / ms) * 1000), p50Ms: at(0.5), p99Ms: at(0.99), failed };
}
