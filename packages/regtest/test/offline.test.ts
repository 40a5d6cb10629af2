import { afterAll, afterEach, expect, it } from "vitest";
import { startRegtest } from "../src/index.ts";
import { invoiceOf, sell } from "./sell.ts";

const regtest = await startRegtest({ nodes: ["buyer", "router", "seller"] });
const { buyer, router, seller } = regtest.nodes;
afterAll(regtest.close);
afterEach(async () => {
  for (const node of [buyer, router, seller]) await node.goOnline();
});

for (const [name, node] of Object.entries(regtest.nodes)) {
  it(`a payment fails while the ${name} is offline, and works when it is back`, async () => {
    const before = buyer.balance().ownedMsat;
    const invoice = await invoiceOf(seller);
    const pay = () => buyer.wallet.payInvoice({ bolt11: invoice.bolt11, maxFeeMsat: 10_000 });
    node.goOffline();
    expect(node.isOnline).toBe(false);
    expect(await pay()).toMatchObject({ status: "failed" });
    await regtest.idle();
    expect(buyer.balance().ownedMsat).toBe(before);
    await node.goOnline();
    expect(node.isOnline).toBe(true);
    expect(await pay()).toMatchObject({ status: "paid", feeMsat: 1_000 });
  });
}

it("an offline node still makes invoices, and knows what it owns", async () => {
  const { ownedMsat } = seller.balance();
  seller.goOffline();
  const { paymentHash } = await invoiceOf(seller);
  expect(await seller.provider.lookupInvoice({ paymentHash })).toEqual({ status: "open" });
  expect(seller.balance()).toEqual({ ownedMsat, outboundMsat: 0, inboundMsat: 0 });
});

it("an invoice that was made offline is paid later", async () => {
  seller.goOffline();
  const { bolt11 } = await invoiceOf(seller);
  await seller.goOnline();
  expect(await buyer.wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 })).toMatchObject({ status: "paid" });
});

it("two neighbours that were offline together are connected again", async () => {
  router.goOffline();
  seller.goOffline();
  await router.goOnline();
  await seller.goOnline();
  expect(await sell(seller, buyer)).toMatchObject({ status: "paid" });
});
