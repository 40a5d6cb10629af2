import { fakeLightning } from "@l402/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createMemoryUseStore, createPaywall, type PaywallOptions, type TermsFor } from "../src/index.ts";

const request = { method: "GET", path: "/weather", header: () => undefined };
let printed: string[];

beforeEach(() => {
  printed = [];
  vi.spyOn(console, "error").mockImplementation((text) => void printed.push(text));
});
afterEach(() => vi.restoreAllMocks());

function open(options: Partial<PaywallOptions> = {}) {
  const { provider } = fakeLightning();
  const paywall = createPaywall({
    provider,
    secret: "s".repeat(32),
    useStore: createMemoryUseStore(),
    network: "regtest",
    ...options,
  });
  return (terms: TermsFor<object>) => paywall.gate(terms)(request, {});
}

describe("a paywall without onEvent prints", () => {
  it("why it cannot sell, once a minute for each kind of failure", async () => {
    let now = new Date();
    const ask = open({ network: "bitcoin", clock: () => now });
    for (let i = 0; i < 3; i++) expect(await ask({ price: 1 })).toMatchObject({ reply: { status: 503 } });
    expect(printed).toHaveLength(1);
    expect(printed[0]).toContain("l402: PROVIDER_BAD_RESPONSE:");
    expect(printed[0]).toContain("is for regtest, but the option network is bitcoin");
    now = new Date(now.getTime() + 60_000);
    await ask({ price: 1 });
    expect(printed).toHaveLength(2);
  });

  it("what the terms function threw, without escape codes of a buyer", async () => {
    const ask = open();
    await ask(() => {
      throw new Error("Unexpected token \u001b[2J in JSON");
    });
    expect(printed).toHaveLength(1);
    expect(printed[0]).toContain("Unexpected token [2J in JSON");
    expect(printed[0]).toContain("create-paywall.print.test.ts");
  });

  it("that it cannot tell clients apart, by the name of the option", async () => {
    const ask = open({ clientKey: (request) => (request.header("x-forwarded-for") as string).trim() });
    expect(await ask({ price: 1 })).toMatchObject({ reply: { status: 500 } });
    expect(printed).toEqual(["l402: INTERNAL: The option clientKey failed."]);
  });

  it("that its clientKey is async, which would be one client for all", async () => {
    const clientKey = (async () => "10.0.0.1") as unknown as () => string;
    expect(await open({ clientKey })({ price: 1 })).toMatchObject({ reply: { status: 500 } });
    expect(printed).toEqual(["l402: INTERNAL: The option clientKey returned a promise."]);
  });

  it("that a payment log failed, although the buyer is served", async () => {
    const { provider, wallet } = fakeLightning();
    const record = () => Promise.reject(new Error("no database"));
    const paywall = createPaywall({
      provider,
      secret: "s".repeat(32),
      useStore: createMemoryUseStore(),
      network: "regtest",
      paymentLog: { record },
    });
    const gate = paywall.gate({ price: 1 });
    const denied = await gate(request);
    const { token = "", invoice = "" } = ("challenge" in denied && denied.challenge) || {};
    const paid = await wallet.payInvoice({ bolt11: invoice, maxFeeMsat: 1000 });
    const authorization = `L402 ${token}:${"preimage" in paid && paid.preimage}`;
    expect(await gate({ ...request, header: () => authorization })).toMatchObject({ outcome: "granted" });
    await expect.poll(() => printed, { interval: 1 }).toEqual([expect.stringContaining("l402: LOG_UNAVAILABLE:")]);
  });

  it("nothing about buyers who have to pay or send what is no credential", async () => {
    const ask = open();
    expect(await ask({ price: 1 })).toMatchObject({ reply: { status: 402 } });
    expect(printed).toEqual([]);
  });
});

describe("a paywall with onEvent", () => {
  it("prints nothing", async () => {
    const ask = open({ network: "bitcoin", onEvent: () => {} });
    expect(await ask({ price: 1 })).toMatchObject({ reply: { status: 503 } });
    expect(printed).toEqual([]);
  });
});
