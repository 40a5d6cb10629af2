import { configure as serverlessExpress } from "@codegenie/serverless-express";
import { payChallenge } from "@l402/testing";
import express, { type ErrorRequestHandler, type RequestHandler } from "express";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall } from "./shop.ts";

interface LambdaResponse {
  statusCode: number;
  headers: Record<string, string>;
}

const sorry: ErrorRequestHandler = (_error, _req, res, _next) => void res.status(500).end();

// The responses of @codegenie/serverless-express, and of @vendia's, never close.
it.each<[string, number, RequestHandler]>([
  ["gives a use back when a handler answers 500", 500, (_req, res) => void res.status(500).end()],
  [
    "gives a use back when a handler throws",
    500,
    () => {
      throw new Error("The handler fails.");
    },
  ],
  ["keeps the use of what was served", 200, (_req, res) => void res.send("the goods")],
])("Express on AWS Lambda %s", async (_, status, handler) => {
  const { paywall, wallet } = openPaywall();
  const app = express()
    .set("env", "test")
    .post("/report", l402(paywall, { price: 10 }), handler)
    .use(sorry);
  const lambda = serverlessExpress({ app });
  const http = { method: "POST", path: "/report", sourceIp: "192.0.2.1" };
  const ask = (headers = {}): Promise<LambdaResponse> =>
    lambda(
      {
        version: "2.0",
        requestContext: { http },
        rawPath: "/report",
        rawQueryString: "",
        headers: { host: "shop.example", ...headers },
      },
      {} as never,
      () => {},
    ) as never;
  const authorization = await payChallenge(wallet, [(await ask()).headers["www-authenticate"] as string]);
  const statuses = [(await ask({ authorization })).statusCode, (await ask({ authorization })).statusCode];
  expect(statuses).toEqual([status, status === 500 ? 500 : 402]);
});
