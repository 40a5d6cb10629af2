import { payChallenge } from "@l402/testing";
import express, { type RequestHandler } from "express";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall, serve } from "./shop.ts";

const given = Object.freeze({ vary: "Origin", "cache-control": "public" });

it.each<[string, RequestHandler, string, string]>([
  ["adds to it", (_req, res) => void res.vary("Origin").send("the goods"), "Authorization, Origin", "private"],
  ["replaces it, as a proxy does", (_req, res) => void res.set(given).send("x"), "Origin, Authorization", "public"],
  [
    "takes it away",
    (_req, res) => {
      res.removeHeader("Vary");
      res.end("the goods");
    },
    "Authorization",
    "private",
  ],
  ["writes the head", (_req, res) => void res.writeHead(200, given).end("x"), "Origin, Authorization", "public"],
  [
    "writes the head as a list, as a proxy may",
    (_req, res) => void res.writeHead(200, "OK", ["Vary", "Origin", "Cache-Control", "public"]).end("x"),
    "Origin, Authorization",
    "public",
  ],
])("Express keeps Vary: Authorization, whatever the handler does: it %s", async (_, handler, ...expected) => {
  const { paywall, wallet } = openPaywall();
  const app = express().get("/weather", l402(paywall, { price: 10 }), handler);
  const { server, url } = await serve(app, "/weather");
  const authorization = await payChallenge(wallet, await fetch(url));
  const { headers } = await fetch(url, { headers: { authorization } });
  server.close();
  expect([headers.get("vary"), headers.get("cache-control")]).toEqual(expected);
});
