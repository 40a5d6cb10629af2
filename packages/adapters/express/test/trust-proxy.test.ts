import { createMemoryChallengeLimiter } from "@l402/core";
import express from "express";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall, serve } from "./shop.ts";

it("Express tells clients apart behind a proxy that it trusts", async () => {
  const { paywall } = openPaywall({ challengeLimiter: createMemoryChallengeLimiter({ perClientPerMinute: 1 }) });
  const app = express().set("trust proxy", "loopback");
  app.get("/weather", l402(paywall, { price: 10 }), (_req, res) => void res.send("the goods"));
  const { server, url } = await serve(app, "/weather");
  const ask = async (client: string) => (await fetch(url, { headers: { "x-forwarded-for": client } })).status;
  expect([await ask("192.0.2.1"), await ask("192.0.2.1"), await ask("192.0.2.2")]).toEqual([402, 429, 402]);
  server.close();
});
