import { createL402Client, createMemoryClientStore } from "@l402/client";
import { afterEach, expect, it, onTestFinished, vi } from "vitest";
import { createLndWallet } from "../src/index.ts";
import { BUYER_MACAROON, fakeLnd } from "./fake-lnd.ts";

const BUDGET_MSAT = 100_000;

afterEach(() => void vi.useRealTimers());

/**
 * A seller that lets its first invoice fail and shows it again, and asks for another one then. The second attempt to pay it
 * gets stuck before the node, which knows the first one only.
 */
async function openCheat() {
  const lnd = await fakeLnd({ feeMsat: 0 });
  onTestFinished(lnd.close);
  const { lightning } = lnd;
  const order = { amountMsat: BUDGET_MSAT, description: "goods", expiresInSeconds: 3600 };
  const again = await lightning.provider.createInvoice(order);
  lightning.next("payInvoice", "failed");

  let sent = 0;
  let asked = 0;
  const network = { arrive: async (): Promise<unknown> => undefined };
  const late: typeof fetch = async (input, init) => {
    if (init?.method !== "POST" || ++sent !== 2) return fetch(input, init);
    network.arrive = () => fetch(input, { ...init, signal: null });
    throw new Error("Nobody answers.");
  };
  const shop: typeof fetch = async (_, init) => {
    if (new Headers(init?.headers).has("authorization")) return new Response("goods");
    const { bolt11 } = ++asked <= 2 ? again : await lightning.provider.createInvoice(order);
    const challenge = `L402 token="t${asked}", invoice="${bolt11}"`;
    return new Response("", { status: 402, headers: { "www-authenticate": challenge } });
  };
  const store = createMemoryClientStore();
  return {
    again,
    network,
    spentMsat: () => 1_000_000_000 - lightning.balanceMsat,
    /** Each one is a process of its own, with its own wallet. */
    client: () =>
      createL402Client({
        wallet: createLndWallet({ url: lnd.url, macaroon: BUYER_MACAROON, fetch: late }),
        network: "regtest",
        fetch: shop,
        store,
        maxFeeSats: 0,
        budget: { totalSats: BUDGET_MSAT / 1000 },
      }),
  };
}

const url = "https://shop.example/goods";
const buy = (client: ReturnType<typeof createL402Client>): Promise<string> =>
  client.fetch(url).then(
    (response) => response.text(),
    (error) => error.code,
  );

it("stays within the budget when an invoice failed before, and the second attempt to pay it is late", async () => {
  const { network, spentMsat, client: open } = await openCheat();
  const client = open();
  expect(await buy(client)).toBe("PAYMENT_FAILED");
  expect(await buy(client)).toBe("PAYMENT_OUTCOME_UNKNOWN");
  expect(await buy(client)).toBe("PAYMENT_OUTCOME_UNKNOWN");
  expect(await client.spending()).toMatchObject({ totalMsat: 0, pendingMsat: BUDGET_MSAT });
  await network.arrive();
  expect(spentMsat()).toBe(BUDGET_MSAT);
  expect(await buy(client)).toBe("goods");
  expect(await client.spending()).toMatchObject({ totalMsat: BUDGET_MSAT, pendingMsat: 0 });
  expect(spentMsat()).toBe(BUDGET_MSAT);
});

it("stays within the budget when the program was started again meanwhile", async () => {
  const { again, network, spentMsat, client: open } = await openCheat();
  const before = open();
  expect(await buy(before)).toBe("PAYMENT_FAILED");
  expect(await buy(before)).toBe("PAYMENT_OUTCOME_UNKNOWN");
  // Its wallet does not know of the attempt that is late.
  const restarted = open();
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 119_000 });
  expect(await restarted.resume()).toEqual([again.paymentHash]);
  await network.arrive();
  expect(await restarted.resume()).toEqual([]);
  expect(await restarted.spending()).toMatchObject({ totalMsat: BUDGET_MSAT, pendingMsat: 0 });
  expect(spentMsat()).toBe(BUDGET_MSAT);
});

it("gets the budget back when the late attempt can no longer come", async () => {
  const { client: open } = await openCheat();
  const client = open();
  expect(await buy(client)).toBe("PAYMENT_FAILED");
  expect(await buy(client)).toBe("PAYMENT_OUTCOME_UNKNOWN");
  vi.useFakeTimers({ toFake: ["performance"] }).advanceTimersByTime(600_000);
  expect(await client.resume()).toEqual([]);
  expect(await client.spending()).toMatchObject({ totalMsat: 0, pendingMsat: 0 });
  expect(await buy(client)).toBe("goods");
});
