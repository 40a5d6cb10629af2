import { readFileSync } from "node:fs";
import { createMemoryUseStore, createPaywall, type PaywallOptions } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { expect, it } from "vitest";
import { fakeClock, fakeLightning, payChallenge } from "../src/index.ts";

// The README shows the two tests below as they stand here.

const url = "http://shop.example/weather";

const createApp = (options: Pick<PaywallOptions, "provider" | "network" | "clock">) => {
  const secret = "a secret for tests, at least 32 bytes long";
  const paywall = createPaywall({ secret, useStore: createMemoryUseStore(), ...options });
  return withL402(paywall, { price: 10, uses: 2, validForSeconds: 60 }, () => new Response("rain"));
};

it("sells the weather", async () => {
  const { provider, wallet } = fakeLightning();
  const app = createApp({ provider, network: "regtest" });
  const unpaid = await app(new Request(url));
  const authorization = await payChallenge(wallet, unpaid);
  const paid = await app(new Request(url, { headers: { authorization } }));
  expect([unpaid.status, paid.status]).toEqual([402, 200]);
});

it("sells it for a minute", async () => {
  const clock = fakeClock();
  const { provider, wallet } = fakeLightning({ clock });
  const app = createApp({ provider, network: "regtest", clock });
  const authorization = await payChallenge(wallet, await app(new Request(url)));
  clock.advanceSeconds(3600);
  const late = await app(new Request(url, { headers: { authorization } }));
  expect(late.status).toBe(402);
});

it("is what the README shows", () => {
  const here = readFileSync(new URL(import.meta.url), "utf8");
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  for (const [, test] of here.matchAll(/^(it\("sells .*?^\}\);)$/gms)) expect(readme).toContain(test);
});

it("pays only what asks for a payment", async () => {
  const { wallet } = fakeLightning();
  await expect(payChallenge(wallet, new Response("free"))).rejects.toMatchObject({ code: "CHALLENGE_MALFORMED" });
});

it("says why a wallet did not pay", async () => {
  const { provider, wallet, next } = fakeLightning();
  const unpaid = await createApp({ provider, network: "regtest" })(new Request(url));
  next("payInvoice", "failed");
  await expect(payChallenge(wallet, unpaid)).rejects.toThrow("told to fail");
});
