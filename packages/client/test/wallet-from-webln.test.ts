import { describe, expect, it } from "vitest";
import { type WebLN, walletFromWebLN } from "../src/index.ts";
import { openShop, SHOP } from "./shop.ts";

const url = `${SHOP}/weather`;

/** A browser's wallet that pays from the shop's Lightning node. */
function openWebLN(change: Partial<WebLN> = {}) {
  const shop = openShop();
  const calls: string[] = [];
  const webln: WebLN = {
    async enable() {
      calls.push("enable");
    },
    async sendPayment(bolt11) {
      calls.push("sendPayment");
      const result = await shop.lightning.wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 });
      if (result.status !== "paid") throw new Error(result.reason);
      return { preimage: result.preimage };
    },
    ...change,
  };
  return { ...shop, calls, wallet: walletFromWebLN(webln), buyer: shop.client({ wallet: walletFromWebLN(webln) }) };
}

describe("a browser's wallet", () => {
  it("pays, after it was enabled", async () => {
    const { buyer, calls, lightning } = openWebLN();
    expect((await buyer.fetch(url)).status).toBe(200);
    expect(calls).toEqual(["enable", "sendPayment"]);
    expect(lightning.payments).toHaveLength(1);
  });

  it("counts for as much as it may cost where it does not say, and for what it says", async () => {
    const { buyer } = openWebLN();
    await buyer.fetch(url);
    expect((await buyer.spending()).totalMsat).toBe(20_000);
    for (const [fees, totalMsat] of [
      [2, 12_000],
      [0.5, 10_500],
      [0, 20_000],
      [-1, 20_000],
      ["2", 20_000],
      [Number.POSITIVE_INFINITY, 20_000],
    ] as const) {
      const shop = openWebLN();
      const { wallet } = shop.lightning;
      const telling = walletFromWebLN({
        enable: async () => {},
        async sendPayment(bolt11) {
          const result = await wallet.payInvoice({ bolt11, maxFeeMsat: 10_000 });
          const preimage = result.status === "paid" ? result.preimage.toUpperCase() : "";
          return { preimage, route: { total_fees: fees as number } };
        },
      });
      const other = shop.client({ wallet: telling });
      expect((await other.fetch(url)).status).toBe(200);
      expect((await other.spending()).totalMsat).toBe(totalMsat);
    }
  });

  it.each(["Prompt was closed", "User rejected"])("goes on paying after its window was closed: %s", async (words) => {
    const { lightning, ...shop } = openShop();
    const sent: string[] = [];
    const sendPayment = async (bolt11: string) => {
      sent.push(bolt11);
      throw new Error(words);
    };
    const buyer = shop.client({ wallet: walletFromWebLN({ enable: async () => {}, sendPayment }) });
    for (let i = 0; i < 3; i++) {
      await expect(buyer.fetch(url)).rejects.toMatchObject({ code: "PAYMENT_OUTCOME_UNKNOWN", fundsMoved: "maybe" });
      for (const bolt11 of sent) await lightning.wallet.payInvoice({ bolt11, maxFeeMsat: 0 });
    }
    expect(lightning.payments).toHaveLength(1);
    expect((await buyer.spending()).pendingMsat).toBe(20_000);
  });

  it.each([new Error("Payment timed out"), new Error("user cancelled"), "a string", undefined, null, { message: 5 }])(
    "that fails with %s may have paid: nobody pays again before it is written off",
    async (error) => {
      const { buyer, lightning } = openWebLN({ sendPayment: () => Promise.reject(error) });
      for (let i = 0; i < 2; i++) {
        await expect(buyer.fetch(url)).rejects.toMatchObject({ code: "PAYMENT_OUTCOME_UNKNOWN", fundsMoved: "maybe" });
      }
      expect(lightning.invoices).toHaveLength(2);
      expect(await buyer.resume()).toHaveLength(1);
      expect(await buyer.forget(SHOP)).toBe(1);
      expect(await buyer.spending()).toMatchObject({ totalMsat: 20_000, pendingMsat: 0 });
    },
  );

  it("that is not enabled pays nothing, and can be asked again", async () => {
    let allows = false;
    const { buyer } = openWebLN({
      enable: async () => {
        if (!allows) throw new Error("no");
      },
    });
    await expect(buyer.fetch(url)).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED", fundsMoved: "no" });
    allows = true;
    expect((await buyer.fetch(url)).status).toBe(200);
  });

  it.each([{}, { preimage: "" }, { preimage: "ab" }, { preimage: null }, undefined, null, "paid"])(
    "that answers %s gives no proof",
    async (answer) => {
      const { buyer, calls } = openWebLN({
        async sendPayment() {
          return answer as never;
        },
      });
      const error = await buyer.fetch(url).catch((thrown) => thrown);
      expect(["WALLET_NO_PREIMAGE", "PAYMENT_OUTCOME_UNKNOWN"]).toContain(error.code);
      expect(error.fundsMoved).not.toBe("no");
      await buyer.fetch(url).catch(() => {});
      expect(calls).toEqual(["enable"]);
    },
  );

  it("pays an invoice once, however often it is asked", async () => {
    const { wallet, lightning, calls } = openWebLN();
    const { bolt11, paymentHash } = await lightning.provider.createInvoice({
      amountMsat: 1000,
      description: "",
      expiresInSeconds: 60,
    });
    const pay = () => wallet.payInvoice({ bolt11, maxFeeMsat: 0 });
    const [first, second] = await Promise.all([pay(), pay()]);
    expect(first).toMatchObject({ status: "paid" });
    expect(second).toMatchObject({ status: "unknown" });
    expect(await pay()).toEqual(first);
    expect(await wallet.lookupPayment(paymentHash)).toEqual(first);
    expect(await wallet.lookupPayment("0".repeat(64))).toMatchObject({ status: "unknown" });
    expect(calls).toEqual(["enable", "sendPayment"]);
    const aborted = { signal: AbortSignal.abort() };
    const { bolt11: other } = await lightning.provider.createInvoice({
      amountMsat: 1,
      description: "",
      expiresInSeconds: 60,
    });
    expect(await wallet.payInvoice({ bolt11: other, maxFeeMsat: 0, ...aborted })).toMatchObject({ status: "failed" });
  });
});
