import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createHintLine } from "../../src/http/hint-line.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function lineOf() {
  const looked: { hash: string; at: number }[] = [];
  const begun = performance.now();
  const line = createHintLine(async (hash) => void looked.push({ hash, at: performance.now() - begun }));
  return { line, looked, hashes: () => looked.map(({ hash }) => hash) };
}
const many = (name: string, count: number) => Array.from({ length: count }, (_, i) => `${name}-${i}`);

describe("the line of hints", () => {
  it("looks at the first at once, and at fifty a second in all", async () => {
    const { line, looked } = lineOf();
    for (let i = 0; i < 10; i++) line.join(`client ${i}`, many(`${i}`, 30));
    expect(looked).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(looked.length).toBeGreaterThan(180);
    expect(looked.length).toBeLessThanOrEqual(201);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(looked).toHaveLength(300);
  });

  it("looks at the same invoice once a second, whoever names it, and misses no later hint", async () => {
    const { line, looked } = lineOf();
    for (let ms = 0; ms < 3_000; ms += 10) {
      line.join(`client ${ms % 7}`, ["a"]);
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(looked.length).toBeGreaterThanOrEqual(3);
    expect(looked.length).toBeLessThanOrEqual(4);
    // A forged hint, and then the true one.
    await vi.advanceTimersByTimeAsync(5_000);
    looked.length = 0;
    line.join("mallory", ["b"]);
    await vi.advanceTimersByTimeAsync(100);
    line.join("node", ["b"]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(looked.map(({ hash }) => hash)).toEqual(["b", "b"]);
  });

  it("takes turns: whoever sends many hints delays another's by one", async () => {
    const { line, hashes } = lineOf();
    line.join("mallory", many("m", 10));
    for (let i = 0; i < 20; i++) line.join("mallory", many(`m${i}`, 10));
    // Whose hash mallory has put at the end of the own line.
    line.join("mallory", ["paid"]);
    line.join("node", ["paid"]);
    await vi.advanceTimersByTimeAsync(70);
    expect(hashes()).toContain("paid");
  });

  it("forgets what does not fit, and goes on when looks fail or hang", async () => {
    const { line, hashes } = lineOf();
    line.join("mallory", many("m", 10_000));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(hashes()).toHaveLength(200);
    const answers: (() => void)[] = [];
    const hanging = createHintLine(() => new Promise((_, reject) => answers.push(() => reject(new Error("away")))));
    hanging.join("mallory", many("m", 100));
    await vi.advanceTimersByTimeAsync(10_000);
    expect(answers).toHaveLength(32);
    for (const answer of answers.splice(0)) answer();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(answers).toHaveLength(32);
  });
});
