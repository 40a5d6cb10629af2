// A buyer that pays as often as its budget lets it: one of the processes of create-redis-client-store.budget.test.ts.
import { createL402Client } from "@l402/client";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { fakeLightning } from "@l402/testing";
import { Redis } from "ioredis";
import { createRedisClientStore } from "../src/index.ts";

const { provider, wallet } = fakeLightning();
const secret = "a secret of at least thirty-two bytes";
const paywall = createPaywall({ provider, secret, useStore: createMemoryUseStore(), network: "regtest" });
const serve = withL402(paywall, { price: 10 }, () => new Response("goods"));

process.on("message", async ({ port, budgetSats, times }: { port: number; budgetSats: number; times: number }) => {
  const redis = new Redis(port, { maxRetriesPerRequest: 1 });
  redis.on("error", () => {});
  const client = createL402Client({
    // What is said to have been paid really was, whatever becomes of this process.
    wallet: {
      ...wallet,
      async payInvoice(order) {
        const result = await wallet.payInvoice(order);
        if (result.status === "paid") process.send?.({ paidSats: 10 });
        return result;
      },
    },
    network: "regtest",
    budget: { totalSats: budgetSats },
    maxFeeSats: 0,
    store: createRedisClientStore({ redis }),
    fetch: async (input, init) => serve(new Request(input, init)),
  });
  const buy = async (i: number) => (await client.fetch(`https://shop-${process.pid}-${i % 8}.example/${i}`)).text();
  const buying = Array.from({ length: times }, (_, i) => buy(i).catch((error) => error.code));
  process.send?.({ outcomes: await Promise.all(buying) });
  redis.disconnect();
});
process.send?.("ready");
