import type { ProviderSubject, WalletSubject } from "@l402/testing";
import { createAlby, createAlbyWallet } from "../src/index.ts";
import type { fakeAlbyHub } from "./fake-alby-hub.ts";

type Hub = Awaited<ReturnType<typeof fakeAlbyHub>>;

/** What the kits do to Alby Hub, with any version of the SDK. */
export const providerSubject = (
  { url, relay, lightning, clock, clientSecret }: Hub,
  name: string,
): ProviderSubject => ({
  name,
  network: "regtest",
  create: () => createAlby({ url, timeoutSeconds: 2 }),
  settle: (invoice) => lightning.settle(invoice.paymentHash),
  expire: (invoice) => clock.set(invoice.expiresAt),
  breakBackend: relay.breakBackend,
  hangBackend: relay.hangBackend,
  clock,
  secrets: [clientSecret],
});

export function walletSubject(hub: Hub, name: string): WalletSubject {
  const { url, relay, lightning, clock, clientSecret } = hub;
  const initialBalance = lightning.balanceMsat;
  return {
    name,
    create: () => createAlbyWallet({ url, timeoutSeconds: 2 }),
    invoice: async ({ amountMsat }) => (await invoiceOf(hub, amountMsat)).bolt11,
    expiredInvoice: async () => {
      const { bolt11, expiresAt } = await invoiceOf(hub);
      clock.set(expiresAt);
      return bolt11;
    },
    amountlessInvoice: async () => {
      lightning.next("createInvoice", "amountless");
      return (await invoiceOf(hub)).bolt11;
    },
    costlyInvoice: async () => ({ bolt11: (await invoiceOf(hub)).bolt11, feeMsat: 10_000 }),
    spentMsat: () => initialBalance - lightning.balanceMsat,
    loseNextAnswer: relay.loseNextAnswer,
    delayNextOrder: relay.delayNextRequest,
    breakBackend: relay.breakBackend,
    hangBackend: relay.hangBackend,
    secrets: [clientSecret],
  };
}

export const invoiceOf = ({ lightning }: Hub, amountMsat = 21_000) =>
  lightning.provider.createInvoice({ amountMsat, description: "for a test", expiresInSeconds: 600 });
