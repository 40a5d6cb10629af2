import {
  createMemoryUseStore,
  createPaywall,
  decodeInvoice,
  type LightningProvider,
  type PaywallEvent,
  type PaywallOptions,
  type Terms,
} from "@l402/core";
import { withL402 } from "@l402/core/web";
import { type FakeLightningOptions, fakeClock, fakeLightning } from "@l402/testing";
import { type PaywallPageOptions, paywallPage } from "../src/index.ts";
import { Browser } from "./browser.ts";

interface ShopOptions {
  terms?: Terms | ((request: Request) => Terms | Promise<Terms>);
  page?: PaywallPageOptions;
  paywall?: Partial<PaywallOptions>;
  node?: FakeLightningOptions;
  provider?: (provider: LightningProvider) => LightningProvider;
  handler?: (request: Request) => Response | Promise<Response>;
}

/** A shop that sells everything below its origin by one paywall with a page, and browsers that visit it. */
export function openShop({ terms = { price: 21 }, page = {}, paywall = {}, node = {}, ...parts }: ShopOptions = {}) {
  const { provider = (given) => given, handler = () => new Response("the goods") } = parts;
  const clock = fakeClock();
  const lightning = fakeLightning({ clock, ...node });
  const events: PaywallEvent[] = [];
  const gate = createPaywall({
    provider: provider(lightning.provider),
    secret: "a secret for tests, at least 32 bytes long",
    useStore: createMemoryUseStore({ clock }),
    network: "regtest",
    clock,
    page: paywallPage(page),
    onEvent: (event) => events.push(event),
    ...paywall,
  });
  const serve = withL402(gate, terms, handler);
  return {
    clock,
    lightning,
    events,
    serve,
    openBrowser: () => new Browser((request) => serve(request)),
    /** From a wallet that nobody here knows of; answers the preimage. */
    payElsewhere: (invoice: string) => lightning.settle(decodeInvoice(invoice).paymentHash),
  };
}

/** A provider that says that something was paid, but not with which preimage, such as OpenNode. */
export const keepsPreimages = (provider: LightningProvider): LightningProvider => ({
  ...provider,
  async lookupInvoice(ref, options) {
    const { status } = await provider.lookupInvoice(ref, options);
    return { status };
  },
});

/** A browser that has paid for a page, as its script does it. */
export async function buy({ openBrowser, payElsewhere, clock }: ReturnType<typeof openShop>, path = "/weather") {
  const browser = openBrowser();
  const { claim, invoice } = await browser.visit(path);
  payElsewhere(invoice);
  clock.advanceSeconds(1);
  await browser.ask(path, claim);
  return browser;
}
