import { createMemoryUseStore, createPaywall, type PaywallPage } from "@l402/core";
import { fakeLightning, payChallenge } from "@l402/testing";
import { Hono } from "hono";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";

/** A page that sets a cookie with what was paid for. */
const page: PaywallPage = {
  open: () => async (_request, visit) => {
    const decision = await visit.decide();
    if (decision.outcome !== "granted") return decision;
    return { ...decision, headers: [...decision.headers, ["Set-Cookie", "paid=1"]] };
  },
};

it("sends each cookie once and whole, those that the handler has set too", async () => {
  const { provider, wallet } = fakeLightning();
  const secret = "a secret for tests, at least 32 bytes long";
  const useStore = createMemoryUseStore();
  const paywall = createPaywall({ provider, secret, useStore, network: "regtest", page });
  const cookies = ["session=7; Expires=Fri, 01 Jan 2100 00:00:00 GMT", "theme=dark"];
  const app = new Hono().get("/weather", l402(paywall, { price: 10 }), (c) => {
    for (const cookie of cookies) c.header("Set-Cookie", cookie, { append: true });
    return c.text("the goods");
  });
  const authorization = await payChallenge(wallet, await app.request("/weather"));
  const paid = await app.request("/weather", { headers: { authorization } });
  expect(paid.headers.getSetCookie()).toEqual([...cookies, "paid=1"]);
});
