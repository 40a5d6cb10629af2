import { randomBytes } from "node:crypto";
import { createMemoryUseStore, createPaywall, type PaywallEvent } from "@l402/core";
import { type L402Env, l402 } from "@l402/hono";
import { paywallPage } from "@l402/paywall-page";
import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { Backend } from "./backend.ts";

const FORECASTS = ["sunny", "cloudy", "a light breeze", "rain in the evening"];
const QUOTES = ["Don't trust, verify.", "Not your keys, not your coins.", "Tick tock, next block."];

const countWords = (text: string) => text.split(/\s+/).filter(Boolean).length;

/** A paid API: every route sells in another way. */
export function openShop(
  { provider, network }: Pick<Backend, "provider" | "network">,
  onEvent: (event: PaywallEvent) => void,
) {
  const paywall = createPaywall({
    provider,
    secret: randomBytes(32).toString("hex"),
    useStore: createMemoryUseStore(),
    network,
    challengeLimiter: false,
    page: paywallPage({ seller: "L402 demo" }),
    onEvent,
  });
  const app = new Hono<L402Env>();

  // A fixed price for one request.
  app.get("/weather", l402(paywall, { price: 10 }), (c) => c.json({ weather: pick(FORECASTS) }));

  // A price that depends on the request: one sat for every two words.
  const byTheWord = async (c: Context) => ({ price: Math.ceil(countWords(await c.req.text()) / 2) || 1 });
  app.post("/words", l402(paywall, byTheWord), async (c) => c.json({ words: countWords(await c.req.text()) }));

  // A pass for three requests.
  app.get("/quote", l402(paywall, { price: 25, uses: 3 }), (c) =>
    c.json({ quote: pick(QUOTES), usesLeft: c.get("l402").remainingUses }),
  );

  // A stream, paid once.
  app.get("/countdown", l402(paywall, { price: 20 }), (c) =>
    streamSSE(c, async (stream) => {
      for (const data of ["3", "2", "1", "lift-off"]) {
        await stream.writeSSE({ data });
        await stream.sleep(60);
      }
    }),
  );

  // A route that fails every other time. Whoever paid keeps the right to ask again.
  let asked = 0;
  app.get("/flaky", l402(paywall, { price: 5 }), (c) => {
    asked++;
    return asked % 2 ? c.json({ error: "the printer is out of paper" }, 500) : c.json({ printed: true });
  });

  return app;
}

const pick = (list: readonly string[]) => list[Math.floor(Math.random() * list.length)];
