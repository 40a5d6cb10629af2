import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { beforeAll, expect, it } from "vitest";
import { describeWithRedis, startRedis } from "./redis-server.ts";
import { startProcess } from "./start-process.ts";

describeWithRedis("two processes that race for the uses of one token", () => {
  let processes: Awaited<ReturnType<typeof startProcess>>[];
  beforeAll(async () => {
    const server = await startRedis();
    const start = () => startProcess("./racing-process.ts", String(server.port));
    processes = await Promise.all([start(), start()]);
  });

  it.each([1, 1, 1, 7, 100, 1999, 2000, 5000])("get exactly %i, with a thousand requests each", async (limit) => {
    const use = { key: randomBytes(32).toString("hex"), limit, expiresAt: Date.now() + 60 * 86_400_000 };
    const grants = await Promise.all(
      processes.map(async ({ child }) => {
        child.send({ use, times: 1000 });
        const [answers] = (await once(child, "message")) as [number[]];
        return answers;
      }),
    );
    const left = grants.flat().sort((a, b) => b - a);
    // Every grant counts another use: none is granted twice, and none is lost.
    expect(left).toEqual(Array.from({ length: Math.min(limit, 2000) }, (_, i) => limit - 1 - i));
  });
});
