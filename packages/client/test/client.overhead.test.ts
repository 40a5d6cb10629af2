import { expect, it } from "vitest";
import { openShop, SHOP } from "./shop.ts";

/** The microseconds of one call in the fastest of many batches, so that other work of the computer does not count. */
async function fastest(call: () => Promise<unknown>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let batch = 0; batch < 60; batch++) {
    const start = performance.now();
    for (let i = 0; i < 100; i++) await call();
    best = Math.min(best, (performance.now() - start) * 10);
  }
  return best;
}

it("a request that costs nothing takes less than 50 µs longer than with fetch alone", async () => {
  const answer = new Response("free");
  const bare: typeof fetch = async () => answer;
  const buyer = openShop().client({ fetch: bare });
  const init = { method: "POST", body: "text", headers: { "x-mine": "yes" } };
  const [alone, client] = [await fastest(() => bare(SHOP, init)), await fastest(() => buyer.fetch(SHOP, init))];
  expect(client - alone).toBeLessThan(50);
});
