import { decodeInvoice } from "@l402/core";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createBtcpayWallet } from "../src/index.ts";
import { fakeBtcpay, PAY_KEY, STORE } from "./fake-btcpay.ts";

const btcpay = await fakeBtcpay({ node: "cln" });
afterAll(() => btcpay.close());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "performance"] });
  btcpay.clock.set(new Date());
});
afterEach(() => void vi.useRealTimers());

const walletOf = () => createBtcpayWallet({ url: btcpay.url, storeId: STORE, apiKey: PAY_KEY });
const payments = () => btcpay.exchanges.filter(({ method }) => method === "POST").length;

async function newInvoice() {
  const order = { amountMsat: 21_000, description: "tea", expiresInSeconds: 600 };
  const { bolt11 } = await btcpay.lightning.provider.createInvoice(order);
  return { bolt11, paymentHash: decodeInvoice(bolt11).paymentHash };
}

/** BTCPay lets Core Lightning try for 60 s, however soon it hangs up itself. */
describe.each(["Failed", "Pending"] as const)("while the node still tries, and lists the payment as %s", (listed) => {
  const start = async (wallet = walletOf()) => {
    const { bolt11, paymentHash } = await newInvoice();
    btcpay.tryLonger(listed);
    const pay = () => wallet.payInvoice({ bolt11, maxFeeMsat: 10_000, timeoutSeconds: 2 });
    return { wallet, paymentHash, pay, first: await pay(), lookUp: () => wallet.lookupPayment(paymentHash) };
  };

  it("the outcome is unknown, until it is paid", async () => {
    const { first, paymentHash, lookUp } = await start();
    expect(first.status).toBe("unknown");
    expect((await lookUp()).status).toBe("unknown");
    await btcpay.tryAgain(paymentHash);
    expect((await lookUp()).status).toBe("paid");
  });

  it("the outcome is unknown, until the node has given up", async () => {
    const { paymentHash, lookUp } = await start();
    btcpay.giveUp(paymentHash);
    vi.advanceTimersByTime(64_000);
    expect((await lookUp()).status).toBe("unknown");
    vi.advanceTimersByTime(60_000);
    expect((await lookUp()).status).toBe("failed");
  });

  it("no other order is sent, which the node would carry out too", async () => {
    const { pay, paymentHash } = await start();
    const before = payments();
    expect((await pay()).status).toBe("unknown");
    await btcpay.tryAgain(paymentHash);
    expect((await pay()).status).toBe("paid");
    expect(payments()).toBe(before);
  });

  it("the outcome is unknown after a restart too, as long as the node may try", async () => {
    const { paymentHash } = await start();
    btcpay.giveUp(paymentHash);
    const restarted = walletOf();
    vi.advanceTimersByTime(64_000);
    expect((await restarted.lookupPayment(paymentHash)).status).toBe("unknown");
    vi.advanceTimersByTime(2_000);
    expect((await restarted.lookupPayment(paymentHash)).status).toBe("failed");
  });
});

it("has failed at once where BTCPay hears that the node found no route", async () => {
  const { bolt11, paymentHash } = await newInvoice();
  btcpay.lightning.next("payInvoice", "failed");
  const wallet = walletOf();
  expect((await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000, timeoutSeconds: 2 })).status).toBe("failed");
  expect((await wallet.lookupPayment(paymentHash)).status).toBe("failed");
});

it("is paid where it was paid before, although BTCPay then calls the node unavailable", async () => {
  const { bolt11 } = await newInvoice();
  const paid = await walletOf().payInvoice({ bolt11, maxFeeMsat: 10_000 });
  expect(paid.status).toBe("paid");
  expect(await walletOf().payInvoice({ bolt11, maxFeeMsat: 10_000 })).toEqual(paid);
});
