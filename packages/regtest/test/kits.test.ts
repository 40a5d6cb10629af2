import { describeProvider, describeWallet, fakeClock, fakeLightning } from "@l402/testing";
import { afterAll, describe, it } from "vitest";
import { startRegtest } from "../src/index.ts";
import { invoiceOf, MAX_FEE_MSAT, ORDER } from "./sell.ts";

const clock = fakeClock(new Date());
const regtest = await startRegtest({ nodes: ["buyer", "router", "seller"], clock });
const { buyer, seller } = regtest.nodes;
const startMsat = buyer.balance().ownedMsat;
const stranger = fakeLightning({ clock });
afterAll(regtest.close);

const IN_PROCESS = "the node runs in the same process as its two sides, and answers at once or not at all";

describeProvider(
  { describe, it },
  {
    name: "The provider of a regtest node",
    network: "regtest",
    clock,
    create: () => seller.provider,
    settle: ({ bolt11 }) => buyer.wallet.payInvoice({ bolt11, maxFeeMsat: MAX_FEE_MSAT }),
    expire: ({ expiresAt }) => clock.set(expiresAt),
    skip: {
      "rejects with a PROVIDER error while its backend is down": IN_PROCESS,
      "works again when its backend is back, without a restart": IN_PROCESS,
      "gives up when its caller does": IN_PROCESS,
    },
  },
);

describeWallet(
  { describe, it },
  {
    name: "The wallet of a regtest node",
    patienceSeconds: 1,
    create: () => buyer.wallet,
    invoice: async ({ amountMsat }) => (await invoiceOf(seller, amountMsat)).bolt11,
    async expiredInvoice() {
      const { bolt11, expiresAt } = await invoiceOf(seller);
      clock.set(expiresAt);
      return bolt11;
    },
    async amountlessInvoice() {
      stranger.next("createInvoice", "amountless");
      return (await stranger.provider.createInvoice(ORDER)).bolt11;
    },
    costlyInvoice: async () => ({ bolt11: (await invoiceOf(seller, 1_000_000)).bolt11, feeMsat: 1_001 }),
    spentMsat: () => startMsat - buyer.balance().ownedMsat,
    loseNextAnswer() {
      const hold = seller.hold();
      void hold.arrival().then(async () => {
        buyer.goOffline();
        await hold.claim();
        // Later than the kit's patience.
        setTimeout(buyer.goOnline, 1_500);
      });
    },
    breakBackend() {
      buyer.goOffline();
      return buyer.goOnline;
    },
    hangBackend() {
      const hold = seller.hold();
      return hold.claim;
    },
    skip: {
      "answers unknown while an order that it did not hear of may still arrive": IN_PROCESS,
      "does not take an earlier or a later failure for the outcome of an order that may still arrive": IN_PROCESS,
    },
  },
);
