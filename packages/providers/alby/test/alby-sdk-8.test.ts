import { describeProvider, describeWallet } from "@l402/testing";
import { describe, expect, it, vi } from "vitest";
import { createAlby, createAlbyWallet } from "../src/index.ts";
import { fakeAlbyHub } from "./fake-alby-hub.ts";

// The other tests run with version 7, the last one whose package admits Node 20.
const sdk8 = await vi.hoisted(async () => import("getalby-sdk-8/nwc"));
vi.mock("@getalby/sdk/nwc", () => sdk8);

const hub = await fakeAlbyHub();
const { url, relay, lightning, clock } = hub;
const initialBalance = lightning.balanceMsat;
const secrets = [hub.clientSecret];
const newInvoice = (amountMsat = 21_000) =>
  lightning.provider.createInvoice({ amountMsat, description: "for a test", expiresInSeconds: 600 });

it("is the SDK's version 8 that the following tests run with", () => {
  expect(hub.NWCClient).toBe(sdk8.NWCClient);
});

describeProvider(
  { describe, it },
  {
    name: "Alby by @getalby/sdk 8",
    network: "regtest",
    create: () => createAlby({ url, timeoutSeconds: 2 }),
    settle: (invoice) => lightning.settle(invoice.paymentHash),
    expire: (invoice) => clock.set(invoice.expiresAt),
    breakBackend: relay.breakBackend,
    hangBackend: relay.hangBackend,
    clock,
    secrets,
  },
);

describeWallet(
  { describe, it },
  {
    name: "Alby by @getalby/sdk 8",
    create: () => createAlbyWallet({ url, timeoutSeconds: 2 }),
    invoice: async ({ amountMsat }) => (await newInvoice(amountMsat)).bolt11,
    expiredInvoice: async () => {
      const { bolt11, expiresAt } = await newInvoice();
      clock.set(expiresAt);
      return bolt11;
    },
    amountlessInvoice: async () => {
      lightning.next("createInvoice", "amountless");
      return (await newInvoice()).bolt11;
    },
    costlyInvoice: async () => ({ bolt11: (await newInvoice()).bolt11, feeMsat: 10_000 }),
    spentMsat: () => initialBalance - lightning.balanceMsat,
    loseNextAnswer: relay.loseNextAnswer,
    breakBackend: relay.breakBackend,
    hangBackend: relay.hangBackend,
    secrets,
  },
);
