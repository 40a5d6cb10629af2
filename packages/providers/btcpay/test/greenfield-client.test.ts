import {
  type CreateLightningInvoiceRequest,
  LightningStoreService,
  OpenAPI,
  type PayLightningInvoiceRequest,
} from "btcpay-greenfield-node-client";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { createBtcpay, createBtcpayWallet } from "../src/index.ts";
import { fakeBtcpay, PAY_KEY, RECEIVE_KEY, STORE } from "./fake-btcpay.ts";

const btcpay = await fakeBtcpay({ node: "cln" });
afterAll(btcpay.close);

const store = { storeId: STORE, cryptoCode: "BTC" };
const ORDER = { amountMsat: 21_000, description: 'tea, "green" ☕', expiresInSeconds: 600 };
const provider = createBtcpay({ url: btcpay.url, storeId: STORE, apiKey: RECEIVE_KEY });
const wallet = createBtcpayWallet({ url: btcpay.url, storeId: STORE, apiKey: PAY_KEY });

/** What a server acts on. */
async function requestOf(call: () => Promise<unknown>) {
  const before = btcpay.exchanges.length;
  await call();
  const [exchange, ...more] = btcpay.exchanges.slice(before);
  expect(more).toEqual([]);
  const { method, path, headers, body } = exchange as NonNullable<typeof exchange>;
  const { authorization, accept, "content-type": contentType } = headers;
  return { method, path, authorization, accept, contentType, body: body === "" ? undefined : JSON.parse(body) };
}

/** That client keeps one server and one key per process. */
function loginWith(apiKey: string): void {
  OpenAPI.BASE = btcpay.url;
  OpenAPI.TOKEN = apiKey;
}

describe("our requests are those of btcpay-greenfield-node-client", () => {
  beforeEach(() => loginWith(RECEIVE_KEY));

  it("to create an invoice", async () => {
    const requestBody: CreateLightningInvoiceRequest = {
      amount: "21000",
      description: ORDER.description,
      expiry: 600,
      privateRouteHints: false,
    };
    const theirs = await requestOf(() =>
      LightningStoreService.storeLightningNodeApiCreateInvoice({ ...store, requestBody }),
    );
    expect(await requestOf(() => provider.createInvoice(ORDER))).toEqual(theirs);
  });

  it("to look an invoice up", async () => {
    const invoice = await provider.createInvoice(ORDER);
    const id = invoice.providerRef as string;
    const theirs = await requestOf(() => LightningStoreService.storeLightningNodeApiGetInvoice({ ...store, id }));
    expect(await requestOf(() => provider.lookupInvoice(invoice))).toEqual(theirs);
  });

  it("to pay, besides the limits that it does not know", async () => {
    loginWith(PAY_KEY);
    const [one, other] = await Promise.all(
      [ORDER, ORDER].map((order) => btcpay.lightning.provider.createInvoice(order)),
    );
    const limits = { maxFeeFlat: "10", maxFeePercent: "0", sendTimeout: 60 };
    const requestBody: PayLightningInvoiceRequest = { BOLT11: one?.bolt11 as string, ...limits };
    const theirs = await requestOf(() =>
      LightningStoreService.storeLightningNodeApiPayInvoice({ ...store, requestBody }),
    );
    const ours = await requestOf(() => wallet.payInvoice({ bolt11: other?.bolt11 as string, maxFeeMsat: 10_000 }));
    expect(ours).toEqual({ ...theirs, body: { ...theirs.body, BOLT11: other?.bolt11 } });
  });
});

describe("our answers are those of btcpay-greenfield-node-client", () => {
  it("about an invoice, unpaid and paid", async () => {
    loginWith(RECEIVE_KEY);
    const invoice = await provider.createInvoice(ORDER);
    const theirs = () =>
      LightningStoreService.storeLightningNodeApiGetInvoice({ ...store, id: invoice.providerRef as string });
    expect(await theirs()).toMatchObject({
      id: invoice.providerRef,
      BOLT11: invoice.bolt11,
      amount: String(invoice.amountMsat),
      expiresAt: invoice.expiresAt.getTime() / 1000,
      status: "Unpaid",
    });
    btcpay.settle(invoice.paymentHash);
    expect([(await theirs()).status, (await provider.lookupInvoice(invoice)).status]).toEqual(["Paid", "settled"]);
  });
});
