import { describeBackend, describeProvider } from "@l402/testing";
import { afterAll, describe, expect, it } from "vitest";
import { createBtcpay } from "../src/index.ts";
import { fakeBtcpay, RECEIVE_KEY, STORE } from "./fake-btcpay.ts";

const [lnd, cln] = [await fakeBtcpay({ node: "lnd" }), await fakeBtcpay({ node: "cln" })];
afterAll(async () => void (await Promise.all([lnd.close(), cln.close()])));

for (const [node, btcpay] of Object.entries({ LND: lnd, "Core Lightning": cln })) {
  describeProvider(
    { describe, it },
    {
      name: `BTCPay with ${node}`,
      network: "regtest",
      create: () => createBtcpay({ url: btcpay.url, storeId: STORE, apiKey: RECEIVE_KEY }),
      settle: ({ paymentHash }) => btcpay.settle(paymentHash),
      expire: ({ expiresAt }) => btcpay.clock.set(expiresAt),
      breakBackend: btcpay.breakBackend,
      hangBackend: btcpay.hangBackend,
      clock: btcpay.clock,
      secrets: [RECEIVE_KEY],
    },
  );
}

describeBackend(
  { describe, it },
  {
    name: "createBtcpay",
    provider: ({ url, timeoutSeconds }) => createBtcpay({ url, storeId: STORE, apiKey: RECEIVE_KEY, timeoutSeconds }),
    providerRef: () => "an id of the node",
    secrets: [RECEIVE_KEY],
  },
);

describe("createBtcpay", () => {
  const options = { url: lnd.url, storeId: STORE, apiKey: RECEIVE_KEY };

  it.each([
    ["url", { url: "btcpay" }],
    ["url", { url: "http://btcpay.example.com" }],
    ["storeId", { storeId: "" }],
    ["storeId", { storeId: "../server" }],
    ["apiKey", { apiKey: "" }],
    ["apiKey", { apiKey: "token 0123456789012345678901234567890123456789" }],
    ["privateRouteHints", { privateRouteHints: "yes" as unknown as boolean }],
    ["timeoutSeconds", { timeoutSeconds: 0 }],
    ["tlsCert", { tlsCert: "/etc/tls.cert" }],
    ["sotreId", { sotreId: STORE }],
  ])("refuses a wrong %s at once, and names it", (name, wrong) => {
    const error = expect(() => createBtcpay({ ...options, ...wrong }));
    error.toThrow(expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining(name) }));
  });

  it("works below a root path", async () => {
    const asked: string[] = [];
    const provider = createBtcpay({
      ...options,
      url: "https://example.com/btcpay/",
      fetch: async (url) => {
        asked.push(String(url));
        return Response.json({});
      },
    });
    await expect(provider.lookupInvoice({ paymentHash: "00" })).rejects.toMatchObject({
      code: "PROVIDER_BAD_RESPONSE",
    });
    expect(asked).toEqual([`https://example.com/btcpay/api/v1/stores/${STORE}/lightning/BTC/invoices/00`]);
  });

  it("creates and looks up with one request each", async () => {
    const before = lnd.exchanges.length;
    const provider = createBtcpay(options);
    const invoice = await provider.createInvoice({ amountMsat: 1_500, description: "tea", expiresInSeconds: 600 });
    await provider.lookupInvoice(invoice);
    expect(lnd.exchanges.slice(before).map(({ method }) => method)).toEqual(["POST", "GET"]);
    expect(JSON.parse(lnd.exchanges[before]?.body ?? "")).toEqual({
      amount: "1500",
      description: "tea",
      expiry: 600,
      privateRouteHints: false,
    });
  });

  it("asks for private route hints when it is told to", async () => {
    const provider = createBtcpay({ ...options, privateRouteHints: true });
    await provider.createInvoice({ amountMsat: 1_000, description: "tea", expiresInSeconds: 600 });
    expect(JSON.parse(lnd.exchanges.at(-1)?.body ?? "")).toMatchObject({ privateRouteHints: true });
  });
});
