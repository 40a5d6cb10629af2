import { createMemoryUseStore, createPaywall, decodeInvoice, formatCredential, parseChallenges } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { afterAll, expect, it } from "vitest";
import { createLnbits } from "../src/index.ts";
import { fakeLnbits, keys } from "./fake-lnbits.ts";

// From 1.1 to 1.5 LNbits tells everybody who asks the preimage of an invoice that nobody has paid. real-lnbits.test.ts shows
// the same with a real LNbits 1.5.6.
const lnbits = await fakeLnbits();
afterAll(lnbits.close);
const URL = "https://shop.example/weather";

function openShop(provider = createLnbits({ url: lnbits.url, invoiceKey: keys.seller.inkey })) {
  lnbits.state.version = "1.5";
  const { clock } = lnbits;
  const useStore = createMemoryUseStore({ clock });
  const secret = "a secret for tests, at least 32 bytes long";
  const paywall = createPaywall({ provider, secret, useStore, network: "regtest", clock });
  const shop = withL402(paywall, { price: 10 }, () => new Response("the goods"));
  return (authorization?: string) => shop(new Request(URL, authorization ? { headers: { authorization } } : {}));
}

/** All that a thief needs is the challenge, and where LNbits is. */
async function steal(ask: ReturnType<typeof openShop>): Promise<{ credential: string; paymentHash: string }> {
  const [challenge] = parseChallenges((await ask()).headers.get("www-authenticate"));
  const { token = "", invoice = "" } = challenge ?? {};
  const { paymentHash } = decodeInvoice(invoice);
  const answer = await fetch(`${lnbits.url}/api/v1/payments/${paymentHash}`);
  const { paid, preimage } = (await answer.json()) as { paid: boolean; preimage: string };
  expect(paid).toBe(false);
  return { credential: formatCredential(token, preimage), paymentHash };
}

it("a preimage that LNbits gives away buys nothing until the invoice is paid, and then it does, once", async () => {
  const ask = openShop();
  const { credential, paymentHash } = await steal(ask);
  for (let i = 0; i < 3; i++) {
    const response = await ask(credential);
    lnbits.clock.advanceSeconds(1); // the paywall asks once a second
    expect(response.status).toBe(402);
    expect(await response.json()).toMatchObject({ code: "CREDENTIAL_NOT_SETTLED" });
  }
  lnbits.settle(paymentHash);
  expect((await ask(credential)).status).toBe(200);
  expect((await ask(credential)).status).toBe(402);
});

it("the same thief gets the goods where the preimage alone is the proof, so the attack is a real one", async () => {
  const provider = createLnbits({ url: lnbits.url, invoiceKey: keys.seller.inkey });
  const ask = openShop({ ...provider, preimageProvesPayment: true });
  expect((await ask((await steal(ask)).credential)).status).toBe(200);
});

it("the preimage opens nothing while LNbits is down, or answers about something else", async () => {
  const ask = openShop();
  const { credential } = await steal(ask);
  const repair = lnbits.breakBackend();
  expect((await ask(credential)).status).toBe(503);
  repair();
  lnbits.clock.advanceSeconds(1);
  lnbits.state.trap = () => ({ status: 200, body: { paid: true, preimage: credential.split(":")[1] } });
  expect((await ask(credential)).status).toBe(503);
  lnbits.clock.advanceSeconds(1);
  lnbits.state.trap = undefined;
  expect((await ask(credential)).status).toBe(402);
});

it("the payment of one invoice opens nothing that another one is for", async () => {
  const ask = openShop();
  const [unpaid, paid] = [await steal(ask), await steal(ask)];
  lnbits.settle(paid.paymentHash);
  expect((await ask(unpaid.credential)).status).toBe(402);
  expect((await ask(paid.credential)).status).toBe(200);
});
