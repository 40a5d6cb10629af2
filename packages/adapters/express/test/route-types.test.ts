import { payChallenge } from "@l402/testing";
import express, { type Request, type RequestHandler } from "express";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall, serve } from "./shop.ts";

// Half of this test is that it compiles.
it("leaves the types of a route's parameters as they are, and gives the terms Express's request", async () => {
  const { paywall, wallet } = openPaywall();
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
  const { server, url } = await serve(app, "/weather/rome");
  const authorization = await payChallenge(wallet, await fetch(url));
  const response = await fetch(url, { headers: { authorization } });
  expect(await response.json()).toEqual({ city: "rome", paid: 4000 });
  server.close();
});
