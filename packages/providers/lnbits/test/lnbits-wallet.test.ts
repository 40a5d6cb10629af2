import { describeBackend, describeWallet } from "@l402/testing";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { createLnbitsWallet } from "../src/index.ts";
import { fakeLnbits, keys, type LnbitsVersion } from "./fake-lnbits.ts";

const lnbits = await fakeLnbits();
const { lightning, clock, state, exchanges } = lnbits;
const adminKey = keys.buyer.adminkey;
const options = { url: lnbits.url, adminKey };
const initialBalance = lightning.balanceMsat;
afterAll(lnbits.close);
afterEach(() => {
  vi.useRealTimers();
  lightning.heal();
  Object.assign(state, { version: "1.6", trap: undefined, internal: false });
});

const newInvoice = (amountMsat = 21_000) =>
  lightning.provider.createInvoice({ amountMsat, description: "for a test", expiresInSeconds: 600 });

for (const version of ["0.12", "1.2", "1.5", "1.6"] satisfies LnbitsVersion[]) {
  describeWallet(
    { describe, it },
    {
      name: `LNbits ${version}`,
      create: () => {
        state.version = version;
        return createLnbitsWallet(options);
      },
      invoice: async ({ amountMsat }) => (await newInvoice(amountMsat)).bolt11,
      expiredInvoice: async () => {
        const { bolt11, expiresAt } = await newInvoice();
        clock.set(expiresAt);
        return bolt11;
      },
      amountlessInvoice: async () => {
        lightning.next("createInvoice", "amountless");
        return (await newInvoice()).bolt11;
      },
      costlyInvoice: async () => ({ bolt11: (await newInvoice()).bolt11, feeMsat: 2_000 }),
      spentMsat: () => initialBalance - lightning.balanceMsat,
      loseNextAnswer: lnbits.loseNextAnswer,
      delayNextOrder: lnbits.delayNextOrder,
      breakBackend: lnbits.breakBackend,
      hangBackend: lnbits.hangBackend,
      // What it waits for stays unknown for two minutes.
      patienceSeconds: 1,
      secrets: [adminKey],
    },
  );
}

describeBackend(
  { describe, it },
  {
    name: "LNbits",
    wallet: ({ url, timeoutSeconds }) => createLnbitsWallet({ ...options, url, timeoutSeconds }),
    secrets: [adminKey],
  },
);

const wallet = createLnbitsWallet(options);
const pay = (bolt11: string, maxFeeMsat = 10_000) => wallet.payInvoice({ bolt11, maxFeeMsat });

describe("createLnbitsWallet", () => {
  it.each([(bolt11: string) => `LIGHTNING:${bolt11.toUpperCase()}`, (bolt11: string) => ` ${bolt11}\n`])(
    "pays what a QR code or a copied text holds",
    async (formOf) => {
      expect(await pay(formOf((await newInvoice()).bolt11))).toMatchObject({ status: "paid" });
    },
  );

  it("says unknown of a payment under way, also where another process has sent it", async () => {
    lightning.next("payInvoice", "unknown-stuck");
    const { bolt11, paymentHash } = await newInvoice();
    expect((await pay(bolt11)).status).toBe("unknown");
    const restarted = createLnbitsWallet(options);
    expect((await restarted.lookupPayment(paymentHash)).status).toBe("unknown");
    lightning.cancel(paymentHash);
    expect((await restarted.lookupPayment(paymentHash)).status).toBe("failed");
  });

  it("pays and looks up with one request each", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    exchanges.length = 0;
    const paid = await pay(bolt11);
    expect(paid).toMatchObject({ status: "paid", feeMsat: 2_000 });
    expect(await wallet.lookupPayment(paymentHash)).toEqual(paid);
    expect(exchanges).toMatchObject([
      { method: "POST", path: "/api/v1/payments" },
      { method: "GET", path: `/api/v1/payments/${paymentHash}` },
    ]);
    expect(JSON.parse(exchanges[0]?.body ?? "")).toEqual({ out: true, bolt11 });
  });

  it.each([
    [1_000, 2_000],
    [200_000, 2_000],
    [200_100, 2_001],
    [50_000_000, 500_000],
  ])("reserves one percent and at least 2 sats: for %i msat, %i", (amountMsat, reserve) => {
    expect(wallet.feeReserveMsat(amountMsat)).toBe(reserve);
  });

  it("sends nothing that may cost more than maxFeeMsat", async () => {
    const { bolt11 } = await newInvoice();
    exchanges.length = 0;
    expect(await pay(bolt11, 1_999)).toMatchObject({ status: "failed", reason: expect.stringContaining("2000 msat") });
    const dear = createLnbitsWallet({ ...options, feeReserveMsat: (amountMsat) => amountMsat / 10 + 2_000 });
    expect((await dear.payInvoice({ bolt11, maxFeeMsat: 4_099 })).status).toBe("failed");
    expect(exchanges.map(({ method }) => method)).toEqual(["GET", "GET"]);
    expect((await dear.payInvoice({ bolt11, maxFeeMsat: 4_100 })).status).toBe("paid");
  });

  it("finds what was paid before it expired, or with a higher limit", async () => {
    const { bolt11, expiresAt } = await newInvoice();
    const paid = await pay(bolt11);
    expect(paid.status).toBe("paid");
    expect(await pay(bolt11, 0)).toEqual(paid);
    vi.useFakeTimers({ toFake: ["Date"], now: expiresAt });
    expect(await pay(bolt11)).toEqual(paid);
    expect(await pay((await newInvoice()).bolt11)).toMatchObject({ status: "failed" });
  });

  it("rejects where the key may not pay, or is nobody's", async () => {
    const { bolt11, paymentHash } = await newInvoice();
    for (const wrong of [keys.buyer.inkey, "0".repeat(32)]) {
      const powerless = createLnbitsWallet({ ...options, adminKey: wrong });
      const error = { code: "PROVIDER_UNAUTHORIZED", fundsMoved: "no" };
      await expect(powerless.payInvoice({ bolt11, maxFeeMsat: 10_000 })).rejects.toMatchObject(error);
      expect((await powerless.lookupPayment(paymentHash)).status).toBe("not-found");
    }
  });

  it("refuses options that do not exist, and a reserve that is no function", () => {
    expect(() => createLnbitsWallet({ ...options, apiKey: "x" } as never)).toThrow(/apiKey/);
    expect(() => createLnbitsWallet({ ...options, feeReserveMsat: 5 } as never)).toThrow(/feeReserveMsat/);
  });
});
