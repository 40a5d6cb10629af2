const { randomBytes } = require("node:crypto");
const { createMemoryUseStore, createPaywall } = require("@l402/core");
const { withL402 } = require("@l402/core/web");
const { fakeLightning, payChallenge } = require("@l402/testing");

test("a sale under Jest", async () => {
  const { provider, wallet } = fakeLightning();
  const secret = randomBytes(32).toString("hex");
  const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
  const shop = withL402(paywall, { price: 10 }, () => Response.json({ ok: true }));
  const ask = (authorization) =>
    shop(new Request("https://shop.example/", { headers: authorization ? { authorization } : {} }));

  const denied = await ask();
  expect(denied.status).toBe(402);
  const authorization = await payChallenge(wallet, denied);
  expect((await ask(authorization)).status).toBe(200);
  expect((await ask(authorization)).status).toBe(402);
});
