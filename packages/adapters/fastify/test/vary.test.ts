import { createMemoryUseStore, createPaywall } from "@l402/core";
import { fakeLightning, payChallenge } from "@l402/testing";
import { fastify } from "fastify";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";

it("keeps Vary: Authorization where the handler adds to it as the README says", async () => {
  const { provider, wallet } = fakeLightning();
  const secret = "a secret for tests, at least 32 bytes long";
  const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
  const app = fastify();
  app.get("/weather", { preHandler: l402(paywall, { price: 10 }) }, async (_request, reply) => {
    reply.header("Vary", `${reply.getHeader("Vary")}, Origin`);
    return "the goods";
  });
  const unpaid = await app.inject("/weather");
  const authorization = await payChallenge(wallet, [unpaid.headers["www-authenticate"] ?? []].flat());
  const { headers } = await app.inject({ url: "/weather", headers: { authorization } });
  expect([headers.vary, headers["cache-control"]]).toEqual(["Authorization, Origin", "private"]);
});
