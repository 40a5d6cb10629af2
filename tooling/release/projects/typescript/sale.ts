import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createL402Client } from "@l402/client";
import { createMemoryUseStore, createPaywall, isL402Error, type Terms } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { l402 } from "@l402/express";
import { fakeLightning } from "@l402/testing";
import express from "express";

const { provider, wallet } = fakeLightning();
const secret: string = randomBytes(32).toString("hex");
const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
const terms: Terms = { price: 10, uses: 3 };
const app = express().get("/weather", l402(paywall, terms), (req, res) => {
  res.json({ weather: "sunny", usesLeft: req.l402?.remainingUses });
});
export const GET = withL402(paywall, { price: 10 }, (_request, payment) => Response.json(payment.remainingUses));

const server = app.listen(0, async () => {
  const client = createL402Client({ wallet, network: "regtest", budget: { perDaySats: 100 } });
  try {
    const response: Response = await client.fetch(`http://localhost:${(server.address() as AddressInfo).port}/weather`);
    console.log(response.status, await response.json(), client.paymentOf(response)?.amountMsat, "msat");
  } catch (error) {
    if (isL402Error(error)) console.error(error.code, error.fundsMoved);
    throw error;
  } finally {
    server.close();
  }
});
