import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { fakeLightning, payChallenge } from "@l402/testing";
import { expect, it } from "vitest";
import { describeWithRedis, startRedis } from "./redis-server.ts";
import { startUpstash } from "./upstash-server.ts";

const readme = fileURLToPath(new URL("../../../core/README.md", import.meta.url));
const lightning = fakeLightning({ network: "bitcoin" });

/** Another of the places in which the Worker in the README of core runs: its module, loaded anew. */
async function startWorker(place: number): Promise<(request: Request, env: object) => Promise<Response>> {
  const code = readFileSync(readme, "utf8")
    .split("```")
    .find((block) => block.includes("@upstash/redis/cloudflare"));
  const file = fileURLToPath(new URL(`worker-readme-${place}.ts`, import.meta.url));
  const own = code?.replace(/^ts\n/, "").replace('"@l402/redis"', '"../src/index.ts"');
  const here = own?.replace(/import (.*) from "cloudflare:workers";/, "const $1 = { waitUntil() {} };");
  writeFileSync(file, `const { provider } = (globalThis as any).worker;\n${here}`);
  try {
    return (await import(/* @vite-ignore */ file)).default.fetch;
  } finally {
    rmSync(file);
  }
}

describeWithRedis("the Worker in the README of core", () => {
  it("sells one use once, however many places it runs in", async () => {
    (globalThis as { worker?: unknown }).worker = lightning;
    const server = await startRedis();
    const env = {
      L402_SECRET: "a secret for tests, at least 32 bytes long",
      UPSTASH_REDIS_REST_URL: await startUpstash(server.connect(), "token"),
      UPSTASH_REDIS_REST_TOKEN: "token",
    };
    const places = await Promise.all([startWorker(1), startWorker(2)]);
    const ask = (place: number, headers = {}) =>
      places[place]?.(new Request("https://shop.example/", { headers }), env);
    const authorization = await payChallenge(lightning.wallet, (await ask(0)) as Response);
    const answers = await Promise.all([0, 1, 0, 1].map((place) => ask(place, { authorization })));
    expect(answers.map((answer) => answer?.status).sort()).toEqual([200, 402, 402, 402]);
    expect(await answers.find((answer) => answer?.ok)?.json()).toEqual({ paidMsat: 10_000 });
  });
});
