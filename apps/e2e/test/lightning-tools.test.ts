import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  fetchWithL402,
  issueL402Macaroon,
  makeL402AuthenticateHeader,
  parseL402Authorization,
  verifyL402Macaroon,
} from "@getalby/lightning-tools/402/l402";
import { createL402Client } from "@l402/client";
import { createMemoryUseStore, createPaywall, macaroonFormat, signedJsonFormat } from "@l402/core";
import { fakeLightning } from "@l402/testing";
import { fetchWithL402 as fetchWithL402Of6, MemoryStorage } from "lightning-tools-6";
import { afterEach, describe, expect, it } from "vitest";
import { startShop } from "../src/servers.ts";

let close: () => unknown;
afterEach(() => close());

/** A shop, and a wallet that gives the preimage to a client that is not ours. */
async function openShop(tokenFormat = signedJsonFormat()) {
  const { provider, wallet } = fakeLightning();
  let payments = 0;
  const secret = "a secret for tests, at least 32 bytes long";
  const useStore = createMemoryUseStore();
  const paywall = createPaywall({ provider, secret, useStore, tokenFormat, network: "regtest" });
  const shop = await startShop.Express?.(paywall, { price: 10, uses: 2 }, () => "goods");
  if (!shop) throw new Error("there is no Express");
  close = shop.close;
  const pay = async (bolt11: string) => {
    payments++;
    const payment = await wallet.payInvoice({ bolt11, maxFeeMsat: 0 });
    if (payment.status !== "paid") throw new Error(payment.reason);
    return { preimage: payment.preimage };
  };
  return { url: shop.url, pay, payments: () => payments };
}

const formats = [signedJsonFormat(), macaroonFormat()].map((format) => ({ name: format.name, format }));

describe.each(formats)("a client of Alby's buys, with tokens as $name", ({ format }) => {
  it("lightning-tools 9, and comes back with what it bought", async () => {
    const { url, pay, payments } = await openShop(format);
    const wallet = { payInvoice: ({ invoice }: { invoice: string }) => pay(invoice) };
    const first = await fetchWithL402(url, {}, { wallet });
    const credentials = first.payment?.credentials;
    if (!credentials) throw new Error("it bought nothing");
    const second = await fetchWithL402(url, {}, { wallet, credentials });
    expect([await first.text(), await second.text()]).toEqual(["goods", "goods"]);
    expect((await fetchWithL402(url, {}, { wallet, credentials })).status).toBe(402);
    expect([first.payment?.amountSat, payments()]).toEqual([10, 1]);
  });

  it("lightning-tools 6, and comes back with what it bought", async () => {
    const { url, pay, payments } = await openShop(format);
    const webln = { enable: async () => {}, sendPayment: pay };
    const options = { webln: webln as never, store: new MemoryStorage() };
    for (let use = 1; use <= 2; use++) expect(await (await fetchWithL402Of6(url, {}, options)).text()).toBe("goods");
    expect(payments()).toBe(1);
  });
});

it("our client pays a server that is made with lightning-tools 9, once for two requests", async () => {
  const { provider, wallet } = fakeLightning();
  const secret = "a secret for tests, at least 32 bytes long";
  const server = createServer(async (request, response) => {
    const credential = parseL402Authorization(request.headers.authorization ?? "");
    if (credential) return response.end((await verifyL402Macaroon<{ goods: string }>(secret, credential.token)).goods);
    const order = { amountMsat: 10_000, description: "goods", expiresInSeconds: 600 };
    const { bolt11: invoice, paymentHash } = await provider.createInvoice(order);
    const token = await issueL402Macaroon(secret, paymentHash, { goods: "goods" });
    return response.writeHead(402, { "www-authenticate": makeL402AuthenticateHeader({ token, invoice }) }).end();
  }).listen(0, "127.0.0.1");
  close = () => server.close();
  await once(server, "listening");
  const client = createL402Client({ wallet, network: "regtest", budget: { perRequestSats: 10 } });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const responses = [await client.fetch(url), await client.fetch(url)];
  expect(await Promise.all(responses.map((response) => response.text()))).toEqual(["goods", "goods"]);
  expect(responses.map((response) => client.paymentOf(response)?.paidNow)).toEqual([true, false]);
});
