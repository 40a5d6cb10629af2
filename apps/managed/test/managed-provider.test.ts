import { createMemoryUseStore, createPaywall, type LightningProvider, type Terms } from "@l402/core";
import { l402 } from "@l402/hono";
import { createManaged } from "@l402/managed";
import { describeProvider, payChallenge } from "@l402/testing";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Served, serve } from "./http/served.ts";

const SECRET = "a secret for tests, at least 32 bytes long";

// @l402/managed against the service itself, over HTTP.

let served: Served;
let keys: Awaited<ReturnType<Served["signUp"]>>;
let address: string;
beforeAll(async () => {
  served = await serve();
  keys = await served.signUp();
  address = served.payees.address("anna");
});
afterAll(() => served.close());

const kinds = {
  "with an account": () => createManaged({ url: served.url, apiKey: keys.apiKey }),
  "with nothing but an address": () => createManaged({ url: served.url, lightningAddress: address }),
};

/** Makes the service's node fail in every call. */
const breakNode = (fault: "PROVIDER_UNREACHABLE" | "hang") => () => {
  served.node.always("createInvoice", fault);
  served.node.always("lookupInvoice", fault);
  return () => served.node.heal();
};

for (const [name, create] of Object.entries(kinds)) {
  describeProvider(
    { describe, it },
    {
      name: `the managed service, ${name}`,
      network: "regtest",
      create,
      settle: ({ paymentHash }) => served.node.settle(paymentHash),
      expire: ({ expiresAt }) => served.clock.set(new Date(expiresAt.getTime() + 1)),
      breakBackend: breakNode("PROVIDER_UNREACHABLE"),
      hangBackend: breakNode("hang"),
      get clock() {
        return () => served.clock();
      },
      secrets: ["l402m_", "l402o_"],
    },
  );
}

describe("createManaged in direct mode", () => {
  it("sells only when the payment was confirmed, because a preimage may be known before", async () => {
    const { apiKey } = await served.signUp("direct", "direct");
    const provider = createManaged({ url: served.url, apiKey, direct: true });
    expect(provider.preimageProvesPayment).toBe(false);
    const invoice = await provider.createInvoice({ amountMsat: 7_000, description: "", expiresInSeconds: 600 });
    expect(await provider.lookupInvoice(invoice)).toEqual({ status: "open" });
    served.outside.settle(invoice.paymentHash);
    await vi.waitFor(async () => expect((await provider.lookupInvoice(invoice)).status).toBe("settled"));
  });

  it("refuses an account of the other mode, and says what to set", async () => {
    const { apiKey } = await served.signUp("other", "direct");
    const order = { amountMsat: 7_000, description: "", expiresInSeconds: 600 };
    for (const provider of [
      createManaged({ url: served.url, apiKey }),
      createManaged({ url: served.url, apiKey: keys.apiKey, direct: true }),
    ]) {
      const refused = provider.createInvoice(order);
      await expect(refused).rejects.toMatchObject({
        code: "PROVIDER_REJECTED",
        hint: expect.stringContaining("direct"),
      });
    }
  });
});

/** A shop as a seller has it. */
function shopWith(provider: LightningProvider, { clock }: Served, terms: Terms) {
  const useStore = createMemoryUseStore({ clock });
  const paywall = createPaywall({ provider, secret: SECRET, useStore, network: "regtest", clock });
  const app = new Hono().get("/tea", l402(paywall, terms), (c) => c.text("tea"));
  return (authorization?: string) => app.request("/tea", authorization ? { headers: { authorization } } : {});
}

describe("createManaged in the compatible way", () => {
  it("sells whole sats to an address, and the preimage proves it", async () => {
    const provider = createManaged({ url: served.url, lightningAddress: address, compatible: true });
    const ask = shopWith(provider, served, { price: 5 });
    const authorization = await payChallenge(served.node.wallet, await ask());
    expect(await (await ask(authorization)).text()).toBe("tea");
    const order = { amountMsat: 1_500, description: "", expiresInSeconds: 600 };
    await expect(provider.createInvoice(order)).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    const lookup = provider.lookupInvoice({ paymentHash: "ab".repeat(32) });
    await expect(lookup).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
  });
});

describe("while the service is down", () => {
  it("paid tokens work, and new challenges are 503 within three seconds", async () => {
    const own = await serve();
    const { apiKey } = await own.signUp();
    const ask = shopWith(createManaged({ url: own.url, apiKey }), own, { price: { msat: 1_500 }, uses: 3 });
    const authorization = await payChallenge(own.node.wallet, await ask());
    expect((await ask(authorization)).status).toBe(200);

    own.node.always("createInvoice", "hang");
    const began = performance.now();
    expect((await ask()).status).toBe(503);
    expect(performance.now() - began).toBeLessThan(3_000);
    expect((await ask(authorization)).status).toBe(200);
    own.node.heal();

    await own.close();
    const refused = await ask();
    expect([refused.status, refused.headers.has("retry-after")]).toEqual([503, true]);
    expect((await refused.json()).code).toBe("PROVIDER_UNREACHABLE");
    expect((await ask(authorization)).status).toBe(200);
  });
});
