import type { ChildProcess } from "node:child_process";
import { createL402Client, type Spending } from "@l402/client";
import { fakeLightning } from "@l402/testing";
import { expect, it } from "vitest";
import { createRedisClientStore } from "../src/index.ts";
import { describeWithRedis, type RedisServer, startRedis } from "./redis-server.ts";
import { startProcess } from "./two-processes.ts";

const BUDGET_SATS = 600;

/** A buyer in a process of its own, and what it has paid so far. */
async function startBuyer(redis: RedisServer) {
  const { child } = await startProcess("./spending-process.ts", String(redis.port), String(BUDGET_SATS));
  const buyer = { child, paidSats: 0, buy: (times: number) => buy(child, times) };
  child.on("message", ({ paidSats = 0 }: { paidSats?: number }) => {
    buyer.paidSats += paidSats;
  });
  return buyer;
}

const buy = (child: ChildProcess, times: number) =>
  new Promise<{ outcomes: string[]; spending: Spending }>((resolve) => {
    const listen = (message: { outcomes?: string[]; spending: Spending }) => {
      if (!message.outcomes) return;
      child.off("message", listen);
      resolve(message as { outcomes: string[]; spending: Spending });
    };
    child.on("message", listen);
    child.send(times);
  });

/** The budget as somebody else sees it. */
const look = (redis: RedisServer) =>
  createL402Client({
    wallet: fakeLightning().wallet,
    network: "regtest",
    store: createRedisClientStore({ redis: redis.connect() }),
  }).spending();

const countOf = (outcomes: string[], outcome: string) => outcomes.filter((each) => each === outcome).length;

describeWithRedis("two processes with one budget in Redis", () => {
  it("never spend more than it, and all of it, however they race", async () => {
    const redis = await startRedis();
    const buyers = await Promise.all([startBuyer(redis), startBuyer(redis)]);
    const results = await Promise.all(buyers.map(({ buy }) => buy(50)));
    const outcomes = results.flatMap((result) => result.outcomes);
    expect(countOf(outcomes, "goods")).toBe(BUDGET_SATS / 10);
    expect(countOf(outcomes, "BUDGET_EXCEEDED")).toBe(100 - BUDGET_SATS / 10);
    expect(buyers.reduce((sum, { paidSats }) => sum + paidSats, 0)).toBe(BUDGET_SATS);
    expect(await look(redis)).toMatchObject({ totalMsat: BUDGET_SATS * 1000, pendingMsat: 0 });
  });

  it("nor when one of them is killed in the middle, and what it may have paid stays reserved", async () => {
    const redis = await startRedis();
    const [killed, other] = await Promise.all([startBuyer(redis), startBuyer(redis)]);
    killed.child.send(50);
    await expect.poll(() => killed.paidSats, { interval: 1 }).toBeGreaterThan(0);
    killed.child.kill("SIGKILL");
    const { outcomes } = await other.buy(100);
    const { totalMsat, pendingMsat } = await look(redis);
    expect(totalMsat + pendingMsat).toBeLessThanOrEqual(BUDGET_SATS * 1000);
    // Everything that left is in the books, as spent or as reserved.
    expect(totalMsat + pendingMsat).toBeGreaterThanOrEqual((killed.paidSats + other.paidSats) * 1000);
    expect(countOf(outcomes, "goods") * 10_000 + pendingMsat).toBeLessThanOrEqual(BUDGET_SATS * 1000);
    expect(countOf(outcomes, "BUDGET_EXCEEDED")).toBeGreaterThan(0);
  });

  it("nor when Redis is killed in the middle: nothing is paid that is not written down", async () => {
    const redis = await startRedis("--appendonly", "yes", "--appendfsync", "always");
    const buyers = await Promise.all([startBuyer(redis), startBuyer(redis)]);
    const buying = buyers.map(({ buy }) => buy(50));
    await expect
      .poll(() => buyers.reduce((sum, { paidSats }) => sum + paidSats, 0), { interval: 1 })
      .toBeGreaterThan(0);
    await redis.kill("SIGKILL");
    await redis.restart();
    await Promise.all(buying);
    await Promise.all(buyers.map(({ buy }) => buy(50)));
    const { totalMsat, pendingMsat } = await look(redis);
    const paidMsat = buyers.reduce((sum, { paidSats }) => sum + paidSats, 0) * 1000;
    expect(totalMsat + pendingMsat).toBeLessThanOrEqual(BUDGET_SATS * 1000);
    expect(totalMsat + pendingMsat).toBeGreaterThanOrEqual(paidMsat);
    expect(paidMsat).toBeGreaterThan(0);
  });
});
