import type { LightningWallet } from "@l402/core";
import { buy, collect, type Order } from "./buyer.ts";
import type { Step } from "./story.ts";

/** What there is to buy, and how a visitor would ask for it. */
export const ORDERS = {
  weather: { method: "GET", path: "/weather" },
  words: { method: "POST", path: "/words", body: "Pay only for what you use, by the word." },
  quote: { method: "GET", path: "/quote" },
  countdown: { method: "GET", path: "/countdown" },
  flaky: { method: "GET", path: "/flaky" },
} as const satisfies Record<string, Order>;

/** Buys everything once, and tries to get more than was paid for. */
export async function takeTour(shop: string, wallet: LightningWallet, tell: (step: Step) => void): Promise<void> {
  let number = 0;
  const chapter = (title: string) => tell({ step: "chapter", number: ++number, title });

  chapter("A fixed price: one request for 10 sats");
  const once = await buy(shop, wallet, ORDERS.weather, tell);
  await collect(shop, ORDERS.weather, once, tell);
  await collect(shop, ORDERS.weather, once, tell, "the same token again");

  chapter("A price that depends on the request: one sat for every two words");
  await collect(shop, ORDERS.words, await buy(shop, wallet, ORDERS.words, tell), tell);

  chapter("A pass: three requests for one payment");
  const pass = await buy(shop, wallet, ORDERS.quote, tell);
  for (const note of ["first use", "second use", "third use", "a fourth use"]) {
    await collect(shop, ORDERS.quote, pass, tell, note);
  }

  chapter("A stream: paid once, sent piece by piece");
  await collect(shop, ORDERS.countdown, await buy(shop, wallet, ORDERS.countdown, tell), tell);

  chapter("A server that fails: the payment is not lost");
  const kept = await buy(shop, wallet, ORDERS.flaky, tell);
  const first = await collect(shop, ORDERS.flaky, kept, tell);
  if (first.status >= 500)
    await collect(shop, ORDERS.flaky, kept, tell, "the same token again: its use was given back");
}
