import { payChallenge } from "@l402/testing";
import { type FastifyBaseLogger, type FastifyRequest, type FastifyTypeProvider, fastify } from "fastify";
import { expect, it } from "vitest";
import { l402 } from "../src/index.ts";
import { openPaywall } from "./shop.ts";

const { paywall, wallet } = openPaywall();

interface Order {
  Body: { words: number };
}

// Half of these tests is that they compile.
it("takes terms for the type of the route's requests", async () => {
  const app = fastify();
  const price = (request: FastifyRequest<Order>) => ({ price: request.body.words });
  app.post<Order>("/words", { preHandler: l402(paywall, price) }, async ({ body, l402 }) => ({
    words: body.words,
    paid: l402?.amountMsat,
  }));
  // @ts-expect-error The type of the body is not known.
  l402(paywall, (request) => ({ price: request.body.words }));
  const ask = (authorization = "") =>
    app.inject({
      method: "POST",
      url: "/words",
      payload: { words: 4 },
      headers: authorization ? { authorization } : {},
    });
  const { headers } = await ask();
  const challenge = new Response(null, {
    status: 402,
    headers: [["WWW-Authenticate", String(headers["www-authenticate"])]],
  });
  const authorization = await payChallenge(wallet, challenge);
  expect((await ask(authorization)).json()).toEqual({ words: 4, paid: 4000 });
});

it("fits servers with a logger or a type provider of their own", async () => {
  interface Logger extends FastifyBaseLogger {
    mine(): void;
  }
  interface Provider extends FastifyTypeProvider {
    validator: Order["Body"];
  }
  const preHandler = l402(paywall, { price: 10 });
  const none = () => {};
  const loggerInstance: Logger = Object.assign(
    { level: "fatal", child: () => loggerInstance, mine: none },
    { fatal: none, error: none, warn: none, info: none, debug: none, trace: none, silent: none },
  );
  const logged = fastify({ loggerInstance }).get("/", { preHandler }, async () => "tea");
  const typed = fastify().withTypeProvider<Provider>();
  typed.post("/", { preHandler, schema: { body: {} } }, async ({ body }) => body.words);
  expect((await logged.inject("/")).statusCode).toBe(402);
  expect((await typed.inject({ method: "POST", url: "/", payload: { words: 1 } })).statusCode).toBe(402);
});
