import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { fakeLightning, payChallenge } from "@l402/testing";
import express from "express";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";

it("keeps Vary: Authorization where the handler adds to it as the README says", async () => {
  const { provider, wallet } = fakeLightning();
  const secret = "a secret for tests, at least 32 bytes long";
  const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
  const app = express();
  app.get("/weather", l402(paywall, { price: 10 }), (_req, res) => void res.vary("Origin").send("the goods"));
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/weather`;
  const authorization = await payChallenge(wallet, await fetch(url));
  const { headers } = await fetch(url, { headers: { authorization } });
  server.close();
  expect([headers.get("vary"), headers.get("cache-control")]).toEqual(["Authorization, Origin", "private"]);
});
