import { createMemoryChallengeLimiter } from "@l402/core";
import { fastify } from "fastify";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall } from "./shop.ts";

it("Fastify tells clients apart behind a proxy that it trusts", async () => {
  const { paywall } = openPaywall({ challengeLimiter: createMemoryChallengeLimiter({ perClientPerMinute: 1 }) });
  const app = fastify({ trustProxy: "loopback" });
  app.get("/weather", { preHandler: l402(paywall, { price: 10 }) }, async () => "the goods");
  const ask = async (client: string) =>
    (await app.inject({ url: "/weather", headers: { "x-forwarded-for": client } })).statusCode;
  expect([await ask("192.0.2.1"), await ask("192.0.2.1"), await ask("192.0.2.2")]).toEqual([402, 429, 402]);
});
