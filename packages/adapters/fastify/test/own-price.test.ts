import { payChallenge } from "@l402/testing";
import { fastify } from "fastify";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall } from "./shop.ts";

it("a route is sold at its own price, where the paywall of all others is in a plugin of its own", async () => {
  const { paywall, wallet } = openPaywall();
  const app = fastify();
  app.get("/dear", { preHandler: l402(paywall, { price: 10 }) }, async () => "dear");
  app.register(async (others) => {
    others.addHook("preHandler", l402(paywall, { price: 5 }));
    others.get("/cheap", async () => "cheap");
  });
  for (const [path, sats] of Object.entries({ "/dear": 10, "/cheap": 5 })) {
    const unpaid = await app.inject(path);
    expect(unpaid.json()).toMatchObject({ price: { sats } });
    const authorization = await payChallenge(wallet, [unpaid.headers["www-authenticate"] ?? []].flat());
    expect((await app.inject({ url: path, headers: { authorization } })).statusCode).toBe(200);
  }
});
