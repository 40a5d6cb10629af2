import { fakeClock } from "@l402/testing";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { type Regtest, startRegtest } from "../src/index.ts";
import { invoiceOf, sell } from "./sell.ts";

// LDK is told every ten seconds that time passes. Here that is a matter of a moment.
const clock = fakeClock();
let regtest: Regtest<"buyer" | "router" | "seller">;
beforeAll(async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  regtest = await startRegtest({ nodes: ["buyer", "router", "seller"], clock });
});
afterAll(() => {
  regtest.close();
  vi.useRealTimers();
});
afterEach(() => regtest.idle());

async function passMinutes(minutes: number): Promise<void> {
  for (let tick = 0; tick < minutes * 6; tick++) {
    vi.advanceTimersByTime(10_000);
    clock.advanceSeconds(10);
    await invoiceOf(regtest.nodes.seller); // Tells the nodes what time it is.
    await regtest.idle();
  }
}

it("payments work after some minutes", async () => {
  await passMinutes(3);
  expect(await sell(regtest.nodes.seller, regtest.nodes.buyer)).toMatchObject({ status: "paid" });
});

it("payments work as soon as a node is back that was away for some minutes", async () => {
  const { buyer, router, seller } = regtest.nodes;
  for (const node of [buyer, router, seller]) {
    node.goOffline();
    await passMinutes(3);
    await node.goOnline();
    expect(await sell(seller, buyer)).toMatchObject({ status: "paid" });
  }
});

it("a payment can be held for some minutes", async () => {
  const { buyer, seller } = regtest.nodes;
  const hold = seller.hold();
  const result = sell(seller, buyer);
  await hold.arrival();
  await passMinutes(3);
  await hold.claim();
  expect(await result).toMatchObject({ status: "paid", feeMsat: 1_000 });
});

it("an invoice that was paid some minutes ago is not paid again", async () => {
  const { buyer, seller } = regtest.nodes;
  const { bolt11 } = await invoiceOf(seller);
  const pay = () => buyer.wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 });
  const paid = await pay();
  await passMinutes(3);
  const before = buyer.balance();
  expect(await pay()).toEqual(paid);
  expect(buyer.balance()).toEqual(before);
});
