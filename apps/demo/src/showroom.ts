import type { PaywallEvent } from "@l402/core";
import { type Context, Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { Backend } from "./backend.ts";
import { renderPage } from "./page.ts";
import { createPageBuyer } from "./page-buyer.ts";
import { createPaywallNews } from "./paywall-news.ts";
import { inWords, type Step } from "./story.ts";
import { tellingWallet } from "./telling-wallet.ts";
import { ORDERS } from "./tour.ts";

/** What the web page is told as it happens. */
type News =
  | { type: "step"; text: string }
  | { type: "paywall"; text: string }
  | { type: "balances"; sats: Readonly<Record<string, number>> };

const REMEMBERED = 200;
/** The server listens on this computer only. */
const OWN_NAMES = ["127.0.0.1", "localhost"];

/** The web page where a visitor makes the buyer buy, and watches. */
export function openShowroom(
  demo: Pick<Backend, "wallet" | "network" | "balances" | "idle">,
  { hasPlayMoney }: { hasPlayMoney: boolean },
) {
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

  const tell = (step: Step) => publish({ type: "step", text: inWords(step).trim() });
  const buy = createPageBuyer(demo, tell);
  const newsOf = createPaywallNews();

  const app = new Hono();
  app.get("/", (c) => c.html(renderPage(demo.network, hasPlayMoney)));

  app.post("/demo/buy/:order", async (c) => {
    const order = ORDERS[c.req.param("order") as keyof typeof ORDERS];
    if (!order) return c.json({ error: "There is no such thing to buy." }, 404);
    if (!isOwnPage(c)) return c.json({ error: "Only this page may buy." }, 403);
    const status = await buy(new URL(c.req.url).origin, order);
    await publishBalances();
    return status === undefined ? c.json({ status: 502 }, 502) : c.json({ status });
  });

  // The wallet in the browser of a person who pays.
  if (hasPlayMoney) {
    app.post("/demo/pay", async (c) => {
      if (!isOwnPage(c)) return c.json({ error: "Only this page may pay." }, 403);
      const wallet = tellingWallet(demo.wallet, tell);
      const payment = await wallet.payInvoice({ bolt11: await c.req.text(), maxFeeMsat: 5000 });
      await publishBalances();
      return c.json(payment, payment.status === "paid" ? 200 : 402);
    });
  }

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
      for (const text of newsOf(event)) publish({ type: "paywall", text });
    },
    publishBalances,
  };
}

/**
 * SECURITY: a page of another origin must not spend the buyer's money, nor may one whose name was made to lead to this
 * computer (web-page.test.ts, "another origin").
 */
function isOwnPage(c: Context): boolean {
  const { origin, hostname } = new URL(c.req.url);
  return c.req.header("origin") === origin && OWN_NAMES.includes(hostname);
}
