import { payChallenge } from "@l402/testing";
import { fastify, type RouteHandler } from "fastify";
import { describe, expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall } from "./shop.ts";

/** What a buyer gets who shows a credential for one use three times. */
async function statusesOf(method: "GET" | "POST", handler: RouteHandler): Promise<number[]> {
  const { paywall, wallet } = openPaywall();
  const app = fastify();
  app.route({ method, url: "/report", preHandler: l402(paywall, { price: 10 }), handler });
  const url = `${await app.listen({ host: "127.0.0.1", port: 0 })}/report`;
  const authorization = await payChallenge(wallet, await fetch(url, { method }));
  const statuses: number[] = [];
  for (let i = 0; i < 3; i++) {
    const response = await fetch(url, { method, headers: { authorization, connection: "close" } });
    await response.text().catch(() => {});
    statuses.push(response.status);
    // What comes behind the answer, and the end of the connection.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await app.close();
  return statuses;
}

describe("Fastify keeps a use by the status that was sent, whatever is set behind it:", () => {
  it.each(["GET", "POST"] as const)("a handler of a %s that fails behind what it wrote itself", async (method) => {
    const handler: RouteHandler = async (_request, { raw }) => {
      raw.write("all but the last");
      await new Promise((resolve) => setTimeout(resolve, 5));
      throw new Error("The last one is bad.");
    };
    expect(await statusesOf(method, handler)).toEqual([200, 402, 402]);
  });

  it("and gives it back by that, too", async () => {
    const handler: RouteHandler = async (_request, reply) => {
      reply.code(503).send("sorry");
      reply.raw.statusCode = 200;
      return reply;
    };
    expect(await statusesOf("POST", handler)).toEqual([503, 503, 503]);
  });
});
