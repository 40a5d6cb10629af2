import { payChallenge } from "@l402/testing";
import express from "express";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall, serve } from "./shop.ts";

it("a route is sold at its own price, where it comes before the paywall of all others", async () => {
  const { paywall, wallet } = openPaywall();
  const app = express();
  app.get("/dear", l402(paywall, { price: 10 }), (_req, res) => void res.send("dear"));
  app.use(l402(paywall, { price: 5 }));
  app.get("/cheap", (_req, res) => void res.send("cheap"));
  const { server, url } = await serve(app);
  for (const [path, sats] of Object.entries({ "/dear": 10, "/cheap": 5 })) {
    const unpaid = await fetch(url + path);
    expect(await unpaid.clone().json()).toMatchObject({ price: { sats } });
    const authorization = await payChallenge(wallet, unpaid);
    expect((await fetch(url + path, { headers: { authorization } })).status).toBe(200);
  }
  server.close();
});

it("what was paid for below one mount point opens nothing below another", async () => {
  const { paywall, wallet } = openPaywall();
  const router = express.Router().get("/1", l402(paywall, { price: 5 }), (req, res) => void res.send(req.baseUrl));
  const { server, url } = await serve(express().use("/books", router).use("/films", router));
  const authorization = await payChallenge(wallet, await fetch(`${url}/books/1`));
  const ask = async (path: string) => (await fetch(url + path, { headers: { authorization } })).status;
  expect([await ask("/films/1"), await ask("/books/1")]).toEqual([402, 200]);
  server.close();
});
