const { randomBytes } = require("node:crypto");
const { createL402Client } = require("@l402/client");
const { createMemoryUseStore, createPaywall } = require("@l402/core");
const { l402 } = require("@l402/express");
const { fakeLightning } = require("@l402/testing");
const express = require("express");

const { provider, wallet } = fakeLightning();
const secret = randomBytes(32).toString("hex");
const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
const app = express().get("/weather", l402(paywall, { price: 10 }), (_req, res) => res.json({ weather: "sunny" }));
const server = app.listen(0, async () => {
  const client = createL402Client({ wallet, network: "regtest", budget: { perDaySats: 100 } });
  const response = await client.fetch(`http://localhost:${server.address().port}/weather`);
  console.log(response.status, await response.json(), client.paymentOf(response)?.amountMsat, "msat");
  server.close();
});
