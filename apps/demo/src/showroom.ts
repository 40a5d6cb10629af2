import type { PaywallEvent } from "@l402/core";
import { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { Backend } from "./backend.ts";
import { buy, collect } from "./buyer.ts";
import { PAGE } from "./page.ts";
import { inWords, type Step } from "./story.ts";
import { ORDERS } from "./tour.ts";

/** What the web page is told as it happens. */
type News =
  | { type: "step"; text: string }
  | { type: "paywall"; text: string }
  | { type: "balances"; sats: Readonly<Record<string, number>> };

const REMEMBERED = 200;

/** The web page where a visitor makes the buyer buy, and watches. */
export function openShowroom(demo: Pick<Backend, "wallet" | "balances" | "idle">) {
  const past: News[] = [];
  const listeners = new Set<(news: News) => void>();
  const publish = (news: News) => {
    past.push(news);
    if (past.length > REMEMBERED) past.shift();
    for (const listener of listeners) listener(news);
  };
  const publishBalances = async () => {
    await demo.idle();
    publish({ type: "balances", sats: demo.balances() });
  };

  const app = new Hono();
  app.get("/", (c) => c.html(PAGE));

  app.post("/demo/buy/:order", async (c) => {
    const order = ORDERS[c.req.param("order") as keyof typeof ORDERS];
    if (!order) return c.json({ error: "There is no such thing to buy." }, 404);
    const shop = new URL(c.req.url).origin;
    // A page of another origin must not spend the buyer's money.
    if (c.req.header("origin") !== shop) return c.json({ error: "Only this page may buy." }, 403);
    const tell = (step: Step) => publish({ type: "step", text: inWords(step).trim() });
    try {
      const first = await collect(shop, order, await buy(shop, demo.wallet, order, tell), tell);
      return c.json({ status: first.status });
    } catch (error) {
      publish({ type: "step", text: (error as Error).message });
      return c.json({ status: 502 }, 502);
    } finally {
      await publishBalances();
    }
  });

  app.get("/demo/news", (c) =>
    streamSSE(c, async (stream) => {
      const send = (news: News) => void stream.writeSSE({ data: JSON.stringify(news) });
      for (const news of past) send(news);
      listeners.add(send);
      await new Promise<void>((resolve) => stream.onAbort(resolve));
      listeners.delete(send);
    }),
  );

  return {
    app,
    onEvent(event: PaywallEvent) {
      // An offer says as much.
      if (event.type === "denied" && event.error.code === "CREDENTIAL_MISSING") return;
      publish({ type: "paywall", text: describe(event) });
    },
    publishBalances,
  };
}

function describe(event: PaywallEvent): string {
  switch (event.type) {
    case "challenged":
      return `offered ${event.resource} for ${event.amountMsat / 1000} sats`;
    case "granted":
      return `granted ${event.resource}, paid ${event.amountMsat / 1000} sats`;
    case "released":
      return `gave a use of ${event.resource} back`;
    case "denied":
      return `refused with ${event.status}: ${event.error.code === "CREDENTIAL_USED_UP" ? "used up" : event.error.message}`;
    case "failed":
      return `failed: ${event.error.message}`;
  }
}
