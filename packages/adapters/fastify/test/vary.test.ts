import { Readable } from "node:stream";
import { payChallenge } from "@l402/testing";
import { fastify, type RouteHandler } from "fastify";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall } from "./shop.ts";

const given = { vary: "Origin", "cache-control": "public" };

it.each<[string, RouteHandler, string, string]>([
  ["leaves it alone", async () => "the goods", "Authorization", "private"],
  ["replaces it", async (_request, reply) => reply.headers(given).send("x"), "Origin, Authorization", "public"],
  [
    "replaces it and sends a stream, as a proxy does",
    async (_request, reply) => reply.headers(given).send(Readable.from(["the goods"])),
    "Origin, Authorization",
    "public",
  ],
  ["takes it away", async (_request, reply) => reply.removeHeader("vary").send("x"), "Authorization", "private"],
])("Fastify keeps Vary: Authorization, whatever the handler does: it %s", async (_, handler, ...expected) => {
  const { paywall, wallet } = openPaywall();
  const app = fastify();
  app.get("/weather", { preHandler: l402(paywall, { price: 10 }) }, handler);
  const unpaid = await app.inject("/weather");
  const authorization = await payChallenge(wallet, [unpaid.headers["www-authenticate"] ?? []].flat());
  const { headers } = await app.inject({ url: "/weather", headers: { authorization } });
  expect([headers.vary, headers["cache-control"]]).toEqual(expected);
});
