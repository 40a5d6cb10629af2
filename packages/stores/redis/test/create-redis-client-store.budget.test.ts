import { once } from "node:events";
import { createL402Client } from "@l402/client";
import { fakeLightning } from "@l402/testing";
import { beforeAll, expect, it, vi } from "vitest";
import { createRedisClientStore } from "../src/index.ts";
import { describeWithRedis, type RedisServer, startRedis } from "./redis-server.ts";
import { startProcess } from "./start-process.ts";

const BUDGET_SATS = 600;

/** A buyer in a process of its own, and what it has paid since the last time somebody looked. */
async function startBuyer() {
  const { child } = await startProcess("./spending-process.ts");
  const buyer = {
    child,
    paidSats: 0,
    /** Answers what came of each request. */
    async buy(redis: RedisServer, times: number): Promise<string[]> {
      child.send({ port: redis.port, budgetSats: BUDGET_SATS, times });
      for (;;) {
        const [{ outcomes }] = await once(child, "message");
        if (outcomes) return outcomes;
      }
    },
  };
  child.on("message", ({ paidSats = 0 }: { paidSats?: number }) => {
    buyer.paidSats += paidSats;
  });
  return buyer;
}

/** The budget as somebody else sees it. */
const look = (redis: RedisServer) =>
  createL402Client({
    wallet: fakeLightning().wallet,
    network: "regtest",
    store: createRedisClientStore({ redis: redis.connect() }),
  }).spending();

const countOf = (outcomes: string[], outcome: string) => outcomes.filter((each) => each === outcome).length;

describeWithRedis("two processes with one budget in Redis", () => {
  let buyers: Awaited<ReturnType<typeof startBuyer>>[];
  beforeAll(async () => {
    buyers = await Promise.all([startBuyer(), startBuyer()]);
  });
  const takePaidMsat = () =>
    buyers.reduce((sum, buyer) => {
      const paidMsat = buyer.paidSats * 1000;
      buyer.paidSats = 0;
      return sum + paidMsat;
    }, 0);
  const untilSomethingIsPaid = () => vi.waitUntil(() => buyers.some(({ paidSats }) => paidSats > 0), { interval: 1 });

  it("never spend more than it, and all of it, however they race", async () => {
    const redis = await startRedis();
    const outcomes = (await Promise.all(buyers.map(({ buy }) => buy(redis, 50)))).flat();
    expect(countOf(outcomes, "goods")).toBe(BUDGET_SATS / 10);
    expect(countOf(outcomes, "BUDGET_EXCEEDED")).toBe(100 - BUDGET_SATS / 10);
    expect(takePaidMsat()).toBe(BUDGET_SATS * 1000);
    expect(await look(redis)).toMatchObject({ totalMsat: BUDGET_SATS * 1000, pendingMsat: 0 });
  });

  it("nor when Redis is killed in the middle: nothing is paid that is not written down", async () => {
    const redis = await startRedis("--appendonly", "yes", "--appendfsync", "always");
    const buying = buyers.map(({ buy }) => buy(redis, 50));
    await untilSomethingIsPaid();
    await redis.kill("SIGKILL");
    await redis.restart();
    await Promise.all(buying);
    for (const { buy } of buyers) await buy(redis, 50);
    const { totalMsat, pendingMsat } = await look(redis);
    const paidMsat = takePaidMsat();
    expect(paidMsat).toBeGreaterThan(0);
    expect(totalMsat + pendingMsat).toBeGreaterThanOrEqual(paidMsat);
    expect(totalMsat + pendingMsat).toBeLessThanOrEqual(BUDGET_SATS * 1000);
  });

  it("nor when one of them is killed in the middle, and what it may have paid stays reserved", async () => {
    const redis = await startRedis();
    const [killed, other] = buyers as [(typeof buyers)[0], (typeof buyers)[0]];
    killed.child.send({ port: redis.port, budgetSats: BUDGET_SATS, times: 50 });
    await untilSomethingIsPaid();
    killed.child.kill("SIGKILL");
    await once(killed.child, "exit");
    const outcomes = await other.buy(redis, 100);
    const { totalMsat, pendingMsat } = await look(redis);
    expect(countOf(outcomes, "BUDGET_EXCEEDED")).toBeGreaterThan(0);
    // Everything that left is in the books, as spent or as reserved.
    expect(totalMsat + pendingMsat).toBeGreaterThanOrEqual(takePaidMsat());
    expect(totalMsat + pendingMsat).toBeLessThanOrEqual(BUDGET_SATS * 1000);
  });
});
