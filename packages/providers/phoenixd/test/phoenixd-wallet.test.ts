import { decodeInvoice } from "@l402/core";
import { describeBackend, describeWallet } from "@l402/testing";
import { afterAll, describe, expect, it } from "vitest";
import { createPhoenixdWallet } from "../src/index.ts";
import { FULL_PASSWORD, fakePhoenixd, feeMsatOf, LIMITED_PASSWORD } from "./fake-phoenixd.ts";

const phoenixd = await fakePhoenixd();
afterAll(phoenixd.close);
const { lightning } = phoenixd;

const options = { url: phoenixd.url, password: FULL_PASSWORD };
const secrets = [FULL_PASSWORD, btoa(`:${FULL_PASSWORD}`)];

async function newInvoice(amountMsat = 21_000): Promise<string> {
  return (await lightning.provider.createInvoice({ amountMsat, description: "for a test", expiresInSeconds: 600 }))
    .bolt11;
}

describeWallet(
  { describe, it },
  {
    name: "phoenixd",
    create: () => createPhoenixdWallet(options),
    invoice: ({ amountMsat }) => newInvoice(amountMsat),
    expiredInvoice: async () => {
      lightning.next("createInvoice", "already-expired");
      return newInvoice();
    },
    amountlessInvoice: async () => {
      lightning.next("createInvoice", "amountless");
      return newInvoice();
    },
    costlyInvoice: async () => ({ bolt11: await newInvoice(), feeMsat: feeMsatOf(21_000) }),
    spentMsat: phoenixd.spentMsat,
    loseNextAnswer: phoenixd.loseNextAnswer,
    delayNextOrder: phoenixd.delayNextOrder,
    breakBackend: phoenixd.breakBackend,
    hangBackend: phoenixd.hangBackend,
    secrets,
  },
);

describeBackend(
  { describe, it },
  {
    name: "createPhoenixdWallet",
    wallet: ({ url, timeoutSeconds }) => createPhoenixdWallet({ ...options, url, timeoutSeconds }),
    secrets,
  },
);

describe("createPhoenixdWallet", () => {
  const wallet = createPhoenixdWallet(options);
  const pay = (bolt11: string, maxFeeMsat = 10_000) => wallet.payInvoice({ bolt11, maxFeeMsat });

  it.each([(bolt11: string) => `LIGHTNING:${bolt11.toUpperCase()}`, (bolt11: string) => ` ${bolt11}\n`])(
    "pays what a QR code or a copied text holds",
    async (formOf) => {
      expect(await pay(formOf(await newInvoice()))).toMatchObject({ status: "paid" });
    },
  );

  it("says unknown of a payment under way, also where another process has sent it", async () => {
    lightning.next("payInvoice", "unknown-stuck");
    const bolt11 = await newInvoice();
    const { paymentHash } = decodeInvoice(bolt11);
    expect((await pay(bolt11)).status).toBe("unknown");
    const restarted = createPhoenixdWallet(options);
    expect((await restarted.lookupPayment(paymentHash)).status).toBe("unknown");
    lightning.cancel(paymentHash);
    expect((await restarted.lookupPayment(paymentHash)).status).toBe("failed");
  });

  it("pays with one request, a form that holds nothing but the invoice", async () => {
    const before = phoenixd.exchanges.length;
    const bolt11 = await newInvoice();
    expect(await pay(bolt11)).toMatchObject({ status: "paid" });
    const asked = phoenixd.exchanges.slice(before).map(({ method, path, body }) => `${method} ${path} ${body}`);
    expect(asked).toEqual([`POST /payinvoice invoice=${bolt11}`]);
  });

  it.each([[1_000], [21_000], [1_234_567], [250_000_000]])(
    "knows the fee for %d msat, to the msat",
    async (amountMsat) => {
      const feeMsat = wallet.feeReserveMsat(amountMsat);
      expect(feeMsat).toBe(feeMsatOf(amountMsat));
      expect(await pay(await newInvoice(amountMsat), feeMsat)).toMatchObject({ status: "paid", feeMsat });
    },
  );

  it("tells what it has to pay with, in whole sats and without its credit for fees", async () => {
    const poor = await fakePhoenixd({ balanceMsat: 30_000 });
    const poorWallet = createPhoenixdWallet({ url: poor.url, password: FULL_PASSWORD });
    expect(await poorWallet.balanceMsat()).toBe(30_000);
    const { bolt11 } = await poor.lightning.provider.createInvoice({
      ...{ amountMsat: 20_000, description: "", expiresInSeconds: 60 },
    });
    expect(await poorWallet.payInvoice({ bolt11, maxFeeMsat: 10_000 })).toMatchObject({
      status: "paid",
      feeMsat: 4_080,
    });
    expect(await poorWallet.balanceMsat()).toBe(5_000);
    poor.answerNext("/getbalance", 200, { feeCreditSat: 3 });
    await expect(poorWallet.balanceMsat()).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
    await poor.close();
  });

  it("reports another fee than it expected", async () => {
    const bolt11 = await newInvoice();
    await pay(bolt11);
    const { paymentHash } = decodeInvoice(bolt11);
    const found = await wallet.lookupPayment(paymentHash);
    const paymentPreimage = found.status === "paid" ? found.preimage : "";
    phoenixd.answerNext("/payinvoice", 200, { routingFeeSat: 0, paymentHash, paymentPreimage });
    expect(await pay(bolt11)).toMatchObject({ status: "paid", feeMsat: 0 });
    phoenixd.answerNext("/payinvoice", 200, { routingFeeSat: 9, paymentHash, paymentPreimage });
    expect(await pay(bolt11)).toMatchObject({ status: "paid", feeMsat: 9_000 });
  });

  it("sends nothing that may cost more than it may", async () => {
    const before = phoenixd.exchanges.length;
    const { status } = await pay(await newInvoice(), feeMsatOf(21_000) - 1);
    expect(status).toBe("failed");
    expect(phoenixd.exchanges.slice(before).map(({ method }) => method)).toEqual(["GET"]);
  });

  it("finds what was paid before with a higher limit", async () => {
    const bolt11 = await newInvoice();
    const paid = await pay(bolt11);
    expect(paid.status).toBe("paid");
    expect(await pay(bolt11, 0)).toEqual(paid);
  });

  it("rejects with the limited password, and nothing was sent", async () => {
    const limited = createPhoenixdWallet({ ...options, password: LIMITED_PASSWORD });
    const attempt = limited.payInvoice({ bolt11: await newInvoice(), maxFeeMsat: 10_000 });
    await expect(attempt).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED", fundsMoved: "no" });
  });

  it("does not know the outcome after HTTP 200 with neither a preimage nor a reason", async () => {
    phoenixd.answerNext("/payinvoice", 200, {});
    expect((await pay(await newInvoice())).status).toBe("unknown");
  });

  it("takes HTTP 200 with a reason for failed, once it has looked the payment up", async () => {
    lightning.next("payInvoice", "failed");
    const bolt11 = await newInvoice();
    expect((await pay(bolt11)).status).toBe("failed");
    expect(phoenixd.exchanges.at(-2)?.reply).toMatchObject({ status: 200, body: { reason: expect.any(String) } });
    expect((await pay(bolt11)).status).toBe("paid");
  });

  it("takes a refusal that phoenixd has not noted down for failed", async () => {
    const bolt11 = await newInvoice();
    phoenixd.answerNext("/payinvoice", 200, { type: "payment_failed", reason: "invoice features are not supported" });
    expect((await pay(bolt11)).status).toBe("failed");
  });

  it("finds the preimage of what was paid before, which phoenixd calls failed", async () => {
    const bolt11 = await newInvoice();
    const paid = await pay(bolt11);
    expect(await pay(bolt11)).toEqual(paid);
    expect(phoenixd.exchanges.at(-2)?.reply.body).toMatchObject({ reason: "this invoice has already been paid" });
  });

  it("takes a payment that is under way for unknown, which phoenixd calls failed", async () => {
    lightning.next("payInvoice", "unknown-stuck");
    const bolt11 = await newInvoice();
    const { paymentHash } = decodeInvoice(bolt11);
    expect((await pay(bolt11)).status).toBe("unknown");
    expect((await pay(bolt11)).status).toBe("unknown");
    expect(phoenixd.exchanges.at(-2)?.reply.body).toMatchObject({ reason: expect.stringContaining("in progress") });
    const preimage = lightning.settle(paymentHash);
    expect(await createPhoenixdWallet(options).lookupPayment(paymentHash)).toMatchObject({ status: "paid", preimage });
  });

  it.each([
    [401, "Invalid authentication"],
    [404, "Unknown endpoint (check api doc)"],
    [500, ""],
  ])("does not know what became of a refused payment that it cannot look up (%d)", async (status, body) => {
    phoenixd.answerNext("/payinvoice", 200, { type: "payment_failed", reason: "in progress" });
    phoenixd.answerNext("/outgoingbyhash/", status, body);
    expect((await pay(await newInvoice())).status).toBe("unknown");
  });

  it.each([
    ["zeros", "0".repeat(64)],
    ["another", "ab".repeat(32)],
  ])("does not call a payment paid with %s for a preimage", async (_, junk) => {
    const bolt11 = await newInvoice();
    phoenixd.answerNext("/payinvoice", 200, { routingFeeSat: 4, paymentPreimage: junk });
    expect((await pay(bolt11)).status).toBe("unknown");
    const { paymentHash } = decodeInvoice(bolt11);
    const paid = { paymentHash, isPaid: true, preimage: junk, fees: 4_000, completedAt: 1 };
    phoenixd.answerNext("/outgoingbyhash/", 200, paid);
    expect((await wallet.lookupPayment(paymentHash)).status).toBe("unknown");
  });

  it("does not take a fee that a look-up leaves out for none", async () => {
    const bolt11 = await newInvoice();
    const result = await pay(bolt11);
    const { paymentHash } = decodeInvoice(bolt11);
    const preimage = result.status === "paid" ? result.preimage : "";
    phoenixd.answerNext("/outgoingbyhash/", 200, { paymentHash, isPaid: true, preimage, completedAt: 1 });
    expect(await wallet.lookupPayment(paymentHash)).toEqual({ status: "paid", preimage, feeMsat: Number.NaN });
  });

  it("believes neither a failure nor a success of another payment", async () => {
    for (const isPaid of [true, false]) {
      const other = { paymentHash: "cd".repeat(32), isPaid, completedAt: 1 };
      phoenixd.answerNext("/outgoingbyhash/", 200, other);
      await expect(wallet.lookupPayment("ab".repeat(32))).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
    }
  });

  it.each([
    ["a wrong path", "Unknown endpoint (check api doc)"],
    ["a web page", "<h1>Not found</h1>"],
    ["another server", "Not Found"],
    ["nothing", ""],
  ])("takes no other 404 for a missing payment: %s", async (_, body) => {
    phoenixd.answerNext("/outgoingbyhash/", 404, body);
    await expect(wallet.lookupPayment("ab".repeat(32))).rejects.toMatchObject({ code: "PROVIDER_BAD_RESPONSE" });
  });
});
