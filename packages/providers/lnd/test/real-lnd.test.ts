import { createHash, createHmac, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createL402Client } from "@l402/client";
import { createMemoryUseStore, createPaywall } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { describeProvider, describeWallet, fakeLightning } from "@l402/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLnd, createLndWallet } from "../src/index.ts";
import { startRealLnds } from "./real-lnd.ts";
import { until } from "./until.ts";

const { L402_REAL_LND: programs = "" } = process.env;
const START_MS = 120_000;
/** In alice's channel. */
const FUNDS_MSAT = 1_000_000_000;
/** Bob's, for what he forwards. */
const FEE_MSAT = 1_000;
const order = { amountMsat: 21_000, description: "for a test", expiresInSeconds: 600 };

if (programs) describe("real LND nodes", useRealLnds);
else it.skip("real LND nodes (skipped: npm run test:lnd starts them)");

function useRealLnds() {
  let lnds: Awaited<ReturnType<typeof startRealLnds>>;

  beforeAll(async () => {
    lnds = await startRealLnds(programs);
  }, START_MS);
  afterAll(() => lnds?.close());

  /** Carol sells, and alice pays. */
  const seller = (macaroon = lnds.carol.macaroons.sell) =>
    createLnd({ url: lnds.carol.url, macaroon, tlsCert: lnds.carol.tlsCert });
  const buyer = (macaroon = lnds.alice.macaroons.pay) =>
    createLndWallet({ url: lnds.alice.url, macaroon, tlsCert: lnds.alice.tlsCert, timeoutSeconds: 2 });
  const pay = (bolt11: string, maxFeeMsat = FEE_MSAT, timeoutSeconds = 10) =>
    buyer().payInvoice({ bolt11, maxFeeMsat, timeoutSeconds });
  const cancel = (paymentHash: string) =>
    lnds.carol.ask("POST", "/v2/invoices/cancel", { payment_hash: base64(paymentHash) });

  async function expiredInvoice() {
    const invoice = await seller().createInvoice({ ...order, expiresInSeconds: 1 });
    await until("the invoice has expired", async () => new Date() > invoice.expiresAt);
    return invoice;
  }

  /** What alice has, and what carol has, more than before. */
  async function changesDuring(run: () => Promise<unknown>) {
    const before = [await lnds.alice.balanceMsat(), await lnds.carol.balanceMsat()] as const;
    await run();
    return [(await lnds.alice.balanceMsat()) - before[0], (await lnds.carol.balanceMsat()) - before[1]];
  }

  it("sell over HTTP, and pay: the goods arrive, and the money to the millisatoshi", async () => {
    const useStore = createMemoryUseStore();
    const paywall = createPaywall({ provider: seller(), network: "regtest", secret: "s".repeat(32), useStore });
    const handler = withL402(paywall, { price: 10 }, () => Response.json({ weather: "sunny" }));
    const server = createServer(async (request, response) => {
      const headers = request.headers as Record<string, string>;
      const answer = await handler(new Request(`http://${headers.host}${request.url}`, { headers }));
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/weather`;
    try {
      expect((await fetch(url)).status).toBe(402);
      const payments: unknown[] = [];
      const onPayment = (payment: unknown) => void payments.push(payment);
      const client = createL402Client({ wallet: buyer(), network: "regtest", onPayment });
      const changes = await changesDuring(async () => {
        const response = await client.fetch(url);
        expect([response.status, await response.json()]).toEqual([200, { weather: "sunny" }]);
      });
      expect(changes).toEqual([-10_000 - FEE_MSAT, 10_000]);
      expect(payments).toEqual([expect.objectContaining({ amountMsat: 10_000, feeMsat: FEE_MSAT })]);
    } finally {
      server.close();
    }
  });

  it("pay no fee above the limit, and the fee that is at it", async () => {
    const { bolt11, paymentHash } = await seller().createInvoice(order);
    const changes = await changesDuring(async () => {
      expect(await pay(bolt11, FEE_MSAT - 1)).toMatchObject({ status: "failed" });
      expect(await buyer().lookupPayment(paymentHash)).toMatchObject({ status: "failed" });
    });
    expect(changes).toEqual([0, 0]);
    expect(await pay(bolt11, FEE_MSAT)).toMatchObject({ status: "paid", feeMsat: FEE_MSAT });
  });

  describe("with an invoice whose seller makes the payment wait", () => {
    async function holdInvoice() {
      const preimage = randomBytes(32).toString("hex");
      const paymentHash = createHash("sha256").update(preimage, "hex").digest("hex");
      const wish = { hash: base64(paymentHash), value_msat: String(order.amountMsat), expiry: "600" };
      const { payment_request } = await lnds.carol.ask("POST", "/v2/invoices/hodl", wish);
      return { preimage, paymentHash, bolt11: payment_request as string };
    }
    const untilHeld = (paymentHash: string) =>
      until("the payment has arrived", async () => {
        return (await lnds.carol.ask("GET", `/v1/invoice/${paymentHash}`)).state === "ACCEPTED";
      });
    const settle = (preimage: string) => lnds.carol.ask("POST", "/v2/invoices/settle", { preimage: base64(preimage) });
    async function outcomeOf(paymentHash: string) {
      await until("the payment has ended", async () => {
        return (await buyer().lookupPayment(paymentHash)).status !== "unknown";
      });
      return buyer().lookupPayment(paymentHash);
    }

    it("the outcome is unknown to both sides until it is paid", async () => {
      const { preimage, paymentHash, bolt11 } = await holdInvoice();
      const changes = await changesDuring(async () => {
        expect(await pay(bolt11, FEE_MSAT, 1)).toMatchObject({ status: "unknown" });
        await untilHeld(paymentHash);
        expect(await seller().lookupInvoice({ paymentHash })).toEqual({ status: "open" });
        expect(await pay(bolt11, FEE_MSAT, 1)).toMatchObject({ status: "unknown" });
        await settle(preimage);
        expect(await outcomeOf(paymentHash)).toEqual({ status: "paid", preimage, feeMsat: FEE_MSAT });
        expect(await seller().lookupInvoice({ paymentHash })).toMatchObject({ status: "settled", preimage });
      });
      expect(changes).toEqual([-order.amountMsat - FEE_MSAT, order.amountMsat]);
    });

    it("the money comes back when the seller sends it back", async () => {
      const { paymentHash, bolt11 } = await holdInvoice();
      const changes = await changesDuring(async () => {
        expect(await pay(bolt11, FEE_MSAT, 1)).toMatchObject({ status: "unknown" });
        await untilHeld(paymentHash);
        await cancel(paymentHash);
        expect(await outcomeOf(paymentHash)).toMatchObject({ status: "failed" });
        expect(await seller().lookupInvoice({ paymentHash })).toEqual({ status: "canceled" });
      });
      expect(changes).toEqual([0, 0]);
    });

    it("a payment is made once if the payer's node is killed meanwhile", async () => {
      const { preimage, paymentHash, bolt11 } = await holdInvoice();
      const changes = await changesDuring(async () => {
        const paying = pay(bolt11, FEE_MSAT, 30);
        await untilHeld(paymentHash);
        await lnds.alice.kill();
        expect(await paying).toMatchObject({ status: "unknown" });
        const lookup = buyer().lookupPayment(paymentHash);
        await expect(lookup).rejects.toMatchObject({ code: "PROVIDER_UNREACHABLE" });
        await lnds.alice.start();
        await lnds.alice.untilReady();
        expect(await buyer().lookupPayment(paymentHash)).toMatchObject({ status: "unknown" });
        expect(await pay(bolt11, FEE_MSAT, 1)).toMatchObject({ status: "unknown" });
        await settle(preimage);
        expect(await outcomeOf(paymentHash)).toEqual({ status: "paid", preimage, feeMsat: FEE_MSAT });
        expect(await pay(bolt11, 0)).toMatchObject({ status: "paid", feeMsat: FEE_MSAT });
      });
      expect(changes).toEqual([-order.amountMsat - FEE_MSAT, order.amountMsat]);
    });
  });

  it("pay nothing for an invoice that was canceled or has expired", async () => {
    const canceled = await seller().createInvoice(order);
    await cancel(canceled.paymentHash);
    const expired = await expiredInvoice();
    const changes = await changesDuring(async () => {
      for (const { bolt11, paymentHash } of [canceled, expired]) {
        expect(await pay(bolt11)).toMatchObject({ status: "failed" });
        await until("the invoice is canceled", async () => {
          return (await seller().lookupInvoice({ paymentHash })).status === "canceled";
        });
      }
    });
    expect(changes).toEqual([0, 0]);
  });

  it.each([
    ["of another node", () => [lnds.bob.macaroons.sell, lnds.bob.macaroons.pay]],
    ["cut off", () => [lnds.carol.macaroons.sell.slice(0, -20), lnds.alice.macaroons.pay.slice(0, -20)]],
    ["for the other side", () => [lnds.carol.macaroons.pay, lnds.alice.macaroons.sell]],
    ["that has expired", () => [lnds.carol.macaroons.sell, lnds.alice.macaroons.pay].map(expired)],
    ["that is none", () => ["ab".repeat(60), "ab".repeat(60)]],
  ] as const)("refuse a macaroon %s, for certain", async (_, macaroons) => {
    const [sell, spend] = macaroons();
    const refusal = { code: "PROVIDER_UNAUTHORIZED", fundsMoved: "no" };
    const invoice = await seller().createInvoice(order);
    await expect(seller(sell).createInvoice(order)).rejects.toMatchObject(refusal);
    await expect(seller(sell).lookupInvoice(invoice)).rejects.toMatchObject(refusal);
    const paying = buyer(spend).payInvoice({ bolt11: invoice.bolt11, maxFeeMsat: FEE_MSAT, timeoutSeconds: 5 });
    await expect(paying).rejects.toMatchObject(refusal);
    expect(await seller().lookupInvoice(invoice)).toEqual({ status: "open" });
  });

  // At the end, because a payment that its caller gave up can be made after its case.
  describe("pass the kits", () => {
    let connection: "up" | "down" | "loses the next answer" | "delays the next order" = "up";
    let arrive = async (): Promise<unknown> => undefined;
    /** The network between us and a node. */
    const overNetwork =
      (send: typeof fetch): typeof fetch =>
      async (input, init) => {
        if (connection === "down") throw new TypeError("fetch failed");
        if (connection === "delays the next order" && init?.method === "POST") {
          connection = "up";
          arrive = async () => (await send(input, { ...init, signal: null })).text();
          throw new TypeError("fetch failed");
        }
        const response = await send(input, init);
        if (connection !== "loses the next answer" || init?.method !== "POST") return response;
        connection = "up";
        await response.text();
        throw new TypeError("fetch failed");
      };
    const breakBackend = () => {
      connection = "down";
      return () => {
        connection = "up";
      };
    };
    const optionsOf = ({ url, fetch }: typeof lnds.alice) => ({ url, fetch: overNetwork(fetch), timeoutSeconds: 2 });

    describeProvider(
      { describe, it },
      {
        name: "LND",
        network: "regtest",
        create: () => createLnd({ ...optionsOf(lnds.carol), macaroon: lnds.carol.macaroons.sell }),
        settle: ({ bolt11 }) => pay(bolt11),
        expire: ({ paymentHash }) => cancel(paymentHash),
        breakBackend,
        hangBackend: () => lnds.carol.hang(),
      },
    );

    describeWallet(
      { describe, it },
      {
        name: "LND",
        create: () => createLndWallet({ ...optionsOf(lnds.alice), macaroon: lnds.alice.macaroons.pay }),
        invoice: async ({ amountMsat }) => (await seller().createInvoice({ ...order, amountMsat })).bolt11,
        expiredInvoice: async () => (await expiredInvoice()).bolt11,
        amountlessInvoice: async () => {
          const other = fakeLightning();
          other.next("createInvoice", "amountless");
          return (await other.provider.createInvoice(order)).bolt11;
        },
        costlyInvoice: async () => ({ bolt11: (await seller().createInvoice(order)).bolt11, feeMsat: FEE_MSAT }),
        spentMsat: async () => FUNDS_MSAT - (await lnds.alice.balanceMsat()),
        loseNextAnswer: () => {
          connection = "loses the next answer";
        },
        delayNextOrder: () => {
          connection = "delays the next order";
          return () => arrive();
        },
        breakBackend,
        hangBackend: () => lnds.alice.hang(),
      },
    );
  });
}

const base64 = (hex: string): string => Buffer.from(hex, "hex").toString("base64");

/** The macaroon with a caveat more, as `lncli constrainmacaroon --timeout` makes it. */
function expired(macaroon: string): string {
  const caveat = "time-before 2020-01-01T00:00:00Z";
  // Two bytes before the signature say what it is; the byte before those ends the caveats.
  const [before, signature] = [macaroon.slice(0, -70), macaroon.slice(-64)];
  const signed = createHmac("sha256", Buffer.from(signature, "hex")).update(caveat).digest("hex");
  return `${before}02${caveat.length.toString(16)}${Buffer.from(caveat).toString("hex")}00000620${signed}`;
}
