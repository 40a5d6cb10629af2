import { execFile } from "node:child_process";
import { once } from "node:events";
import { promisify } from "node:util";
import { beforeAll, expect, it } from "vitest";
import { describeWithRedis, type RedisServer, startRedis } from "./redis-server.ts";
import { startProcess } from "./start-process.ts";

type Shop = Awaited<ReturnType<typeof startProcess<string>>>;

describeWithRedis("two servers, one Redis, one token", () => {
  let redis: RedisServer;
  let shops: [Shop, Shop];
  beforeAll(async () => {
    redis = await startRedis("--appendonly", "yes");
    const start = () => startProcess<string>("../demo/shop.ts", String(redis.port), "25");
    shops = await Promise.all([start(), start()]);
  });

  /** Buys 25 uses from one of them. */
  async function buyAt({ child, ready: url }: Shop): Promise<string> {
    const unpaid = await fetch(`${url}/weather`);
    expect(unpaid.status).toBe(402);
    child.send([String(unpaid.headers.get("www-authenticate"))]);
    const [authorization] = await once(child, "message");
    return authorization;
  }
  const visit = ({ ready: url }: Shop, authorization: string, query = "") =>
    fetch(`${url}/weather${query}`, { headers: { authorization } });
  const alternating = (times: number, run: (shop: Shop) => Promise<Response>) =>
    Promise.all(Array.from({ length: times }, (_, i) => run(shops[i % 2] as Shop)));

  it("what was bought at one server is used at both, and exactly as often as it was sold", async () => {
    const authorization = await buyAt(shops[0]);
    const responses = await alternating(100, (shop) => visit(shop, authorization));
    const paid = responses.filter(({ status }) => status === 200);
    const left = await Promise.all(paid.map((response) => response.text()));
    expect(left.map(Number).sort((a, b) => b - a)).toEqual(Array.from({ length: 25 }, (_, i) => 24 - i));
    // The others are offered a new invoice, until the two servers together have made enough of them.
    const others = responses.filter(({ status }) => status !== 200).map(({ status }) => status);
    expect(others.filter((status) => status === 402).length).toBeLessThanOrEqual(20);
    expect(others.filter((status) => status !== 402 && status !== 429)).toEqual([]);
  });

  it("the demo shows it", async () => {
    const { stdout } = await promisify(execFile)("npm", ["run", "--silent", "demo"], {
      cwd: new URL("..", import.meta.url),
    });
    const answers = [...stdout.matchAll(/^server ([AB]) {2}(\d{3})/gm)].map(
      ([, server, status]) => `${server} ${status}`,
    );
    expect(answers).toEqual(["A 402", "B 200", "A 200", "B 200", "A 402"]);
    expect(stdout).toContain("1000 requests at once for 100 uses, to both: 100 granted");
  });

  it("a use that failed at one server is there again at the other", async () => {
    await redis.connect().del("l402:{challenges}:client:10.0.0.1");
    const authorization = await buyAt(shops[1]);
    const failed = await alternating(20, (shop) => visit(shop, authorization, "?fail"));
    expect(new Set(failed.map(({ status }) => status))).toEqual(new Set([500]));
    const responses = await alternating(25, (shop) => visit(shop, authorization));
    expect(responses.map(({ status }) => status)).toEqual(Array(25).fill(200));
    await redis.connect().del("l402:{challenges}:client:10.0.0.1");
    expect((await visit(shops[0], authorization)).status).toBe(402);
  });

  it("while Redis is down they answer 503, and go on counting when it is back", async () => {
    await redis.connect().del("l402:{challenges}:client:10.0.0.1");
    const authorization = await buyAt(shops[0]);
    expect((await visit(shops[1], authorization)).status).toBe(200);
    await redis.kill("SIGKILL");
    for (const shop of shops) {
      const response = await visit(shop, authorization);
      expect(response.status).toBe(503);
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await response.json()).toMatchObject({ code: "STORE_UNAVAILABLE" });
    }
    await redis.restart();
    let isBack = false;
    while (!isBack) isBack = (await visit(shops[0], authorization)).status === 200;
    while (isBack) isBack = (await visit(shops[1], authorization)).status !== 200;
    const rest = (await alternating(40, (shop) => visit(shop, authorization))).filter(({ status }) => status === 200);
    expect(rest).toHaveLength(25 - 3);
  });

  it("a Redis that hangs is a 503 in some seconds, and takes no use from the buyer", async () => {
    await redis.connect().del("l402:{challenges}:client:10.0.0.1");
    const authorization = await buyAt(shops[0]);
    const givenBack = async () => (await redis.connect().keys("l402:{*}-*")).length;
    const before = await givenBack();
    await redis.kill("SIGSTOP");
    const start = performance.now();
    const refused = await alternating(10, (shop) => visit(shop, authorization));
    expect(refused.map(({ status }) => status)).toEqual(Array(10).fill(503));
    expect(performance.now() - start).toBeLessThan(5000);
    await redis.kill("SIGCONT");
    // What was taken too late comes back.
    await expect.poll(givenBack).toBe(before + 10);
    const responses = await alternating(40, (shop) => visit(shop, authorization));
    expect(responses.filter(({ status }) => status === 200)).toHaveLength(25);
  });
});
