import type { PaywallPage } from "@l402/core";
import { payChallenge } from "@l402/testing";
import { fastify } from "fastify";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall } from "./shop.ts";

/** A page that sets a cookie with what was paid for. */
const page: PaywallPage = {
  open: () => async (_request, visit) => {
    const decision = await visit.decide();
    if (decision.outcome !== "granted") return decision;
    return { ...decision, headers: [...decision.headers, ["Set-Cookie", "paid=1"]] };
  },
};

it("sends each cookie once, those that the app has set before the paywall too", async () => {
  const { paywall, wallet } = openPaywall({ page });
  const app = fastify();
  app.addHook("onRequest", async (_request, reply) => void reply.header("Set-Cookie", "session=7"));
  app.get("/weather", { preHandler: l402(paywall, { price: 10 }) }, async () => "the goods");
  const unpaid = await app.inject("/weather");
  const authorization = await payChallenge(wallet, [unpaid.headers["www-authenticate"] ?? []].flat());
  const paid = await app.inject({ url: "/weather", headers: { authorization } });
  expect(paid.headers["set-cookie"]).toEqual(["session=7", "paid=1"]);
});
