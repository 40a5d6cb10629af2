import { payChallenge } from "@l402/testing";
import express, { type ErrorRequestHandler, type RequestHandler } from "express";
import { describe, expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall, serve } from "./shop.ts";

const sorry: ErrorRequestHandler = (_error, _req, res, _next) => {
  res.status(500).end();
};

/** What a buyer gets who shows a credential for one use three times. */
async function statusesOf(method: "GET" | "POST", handler: RequestHandler, onError = sorry): Promise<number[]> {
  const { paywall, wallet } = openPaywall();
  const app = express()
    .set("env", "test")
    .all("/report", l402(paywall, { price: 10 }), handler)
    .use(onError);
  const { server, url } = await serve(app, "/report");
  const authorization = await payChallenge(wallet, await fetch(url, { method }));
  const statuses: number[] = [];
  for (let i = 0; i < 3; i++) {
    const response = await fetch(url, { method, headers: { authorization, connection: "close" } }).catch(
      () => undefined,
    );
    await response?.text().catch(() => {});
    statuses.push(response?.status ?? 0);
    // What comes behind the answer, and the end of the connection.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  server.close();
  return statuses;
}

describe("Express keeps a use by the status that was sent, whatever is set behind it:", () => {
  it.each(["GET", "POST"] as const)("a handler of a %s that fails when it has answered", async (method) => {
    const handler: RequestHandler = async (_req, res) => {
      res.json({ report: "the goods" });
      await Promise.resolve();
      throw new Error("The statistics fail.");
    };
    expect(await statusesOf(method, handler)).toEqual([200, 402, 402]);
  });

  it("a stream that fails behind its first part", async () => {
    const handler: RequestHandler = async (_req, res) => {
      res.write("all but the last");
      await new Promise((resolve) => setTimeout(resolve, 5));
      throw new Error("The last one is bad.");
    };
    expect(await statusesOf("POST", handler)).toEqual([200, 402, 402]);
  });

  it.each([
    ["GET", [0, 0, 0]],
    // A POST may have changed something.
    ["POST", [0, 402, 402]],
  ] as const)("and nothing where a %s fails before the first part of its stream was sent", async (method, statuses) => {
    const handler: RequestHandler = async (_req, res) => {
      res.writeHead(200, { "content-type": "text/plain" });
      await new Promise((resolve) => setTimeout(resolve, 5));
      throw new Error("The source of the stream fails.");
    };
    const failing: ErrorRequestHandler = (error, _req, _res, next) => next(error);
    expect(await statusesOf(method, handler, failing)).toEqual(statuses);
  });

  it("and gives it back by that, too", async () => {
    const handler: RequestHandler = (_req, res) => {
      res.status(503).end("sorry");
      res.statusCode = 200;
    };
    expect(await statusesOf("POST", handler)).toEqual([503, 503, 503]);
  });
});
