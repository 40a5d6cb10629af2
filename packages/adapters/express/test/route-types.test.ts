import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { fakeLightning, payChallenge } from "@l402/testing";
import express, { type Request, type RequestHandler } from "express";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";

// Half of this test is that it compiles.
it("leaves the types of a route's parameters as they are, and gives the terms Express's request", async () => {
  const { provider, wallet } = fakeLightning();
  const secret = "a secret for tests, at least 32 bytes long";
  const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
  const app = express();
  const paid = l402(paywall, (req: Request<{ city: string }>) => ({ price: req.params.city.length }));
  // Without a type of its own, the parameter is any request of Express.
  l402(paywall, (req) => ({ price: Number(req.get("words")) }));
  const asHandler: RequestHandler = paid;
  app.use("/unpaid", asHandler, express.static("nothing"));
  app.get("/weather/:city", paid, (req, res) => {
    const city: string = req.params.city;
    // @ts-expect-error There is no such parameter.
    const country = req.params.country;
    res.json({ city, country, paid: req.l402?.amountMsat });
  });
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/weather/rome`;
  const authorization = await payChallenge(wallet, await fetch(url));
  const response = await fetch(url, { headers: { authorization } });
  expect(await response.json()).toEqual({ city: "rome", paid: 4000 });
  server.close();
});
