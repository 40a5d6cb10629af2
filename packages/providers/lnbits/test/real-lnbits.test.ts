import { createHash } from "node:crypto";
import {
  createMemoryUseStore,
  createPaywall,
  type Decision,
  decodeInvoice,
  formatCredential,
  type Invoice,
  parseChallenges,
} from "@l402/core";
import { describeProvider, describeWallet, fakeLightning, payChallenge } from "@l402/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLnbits, createLnbitsWallet } from "../src/index.ts";
import { reasonToSkip } from "./install-lnbits.ts";
import { type LnbitsAccount, startRealLnbits } from "./real-lnbits.ts";

/** The last one that gives preimages away, and the newest. */
const VERSIONS = ["1.5.6", "1.6.2"];
const START_MS = 300_000;
const EXPIRED = "reports an unpaid invoice as expired or canceled when its time is over, without a preimage";
const skip = reasonToSkip(VERSIONS);

/** Each takes five seconds to start, so they start together. */
const servers = new Map(skip ? [] : VERSIONS.map((version) => [version, startRealLnbits(version)]));
for (const server of servers.values()) server.catch(() => {});

describe.skipIf(skip !== undefined).each(VERSIONS)(
  `a real LNbits %s${skip ? ` (skipped: ${skip})` : ""}`,
  (version) => {
    let lnbits: Awaited<ReturnType<typeof startRealLnbits>>;
    let seller: LnbitsAccount;
    let buyer: LnbitsAccount;
    let connection: "up" | "down" | "loses the next answer" | "delays the next order" = "up";
    let arrive = async (): Promise<unknown> => undefined;
    const FUNDS_SATS = 1_000_000;

    beforeAll(async () => {
      lnbits = await (servers.get(version) as ReturnType<typeof startRealLnbits>);
      [seller, buyer] = [await lnbits.createAccount("seller"), await lnbits.createAccount("buyer")];
      await lnbits.fund(buyer, FUNDS_SATS);
    }, START_MS);
    afterAll(() => lnbits?.close());

    /** The network between us and LNbits. */
    const overNetwork: typeof fetch = async (input, init) => {
      if (connection === "down") throw new TypeError("fetch failed");
      if (connection === "delays the next order" && init?.method === "POST") {
        connection = "up";
        arrive = async () => (await fetch(input, { ...init, signal: null })).text();
        throw new TypeError("fetch failed");
      }
      const response = await fetch(input, init);
      if (connection !== "loses the next answer") return response;
      connection = "up";
      await response.body?.cancel();
      throw new TypeError("fetch failed");
    };
    const breakBackend = () => {
      connection = "down";
      return () => {
        connection = "up";
      };
    };
    const provider = () => createLnbits({ url: lnbits.url, invoiceKey: seller.inkey, fetch: overNetwork });
    const wallet = () => createLnbitsWallet({ url: lnbits.url, adminKey: buyer.adminkey, fetch: overNetwork });
    const newInvoice = (amountMsat = 21_000, expiresInSeconds = 600) =>
      provider().createInvoice({ amountMsat, description: "for a test", expiresInSeconds });
    const pay = (bolt11: string) => wallet().payInvoice({ bolt11, maxFeeMsat: 2_000 });

    describeProvider(
      { describe, it },
      {
        name: "LNbits",
        network: "bitcoin",
        create: provider,
        settle: ({ bolt11 }) => pay(bolt11),
        // Until 1.5 it goes on waiting for a payment; between its own wallets it would take it, too.
        ...(version === "1.5.6"
          ? { skip: { [EXPIRED]: "LNbits 1.5 does not say so" } }
          : { expire: ({ paymentHash }: Invoice) => lnbits.expire(paymentHash) }),
        breakBackend,
        hangBackend: () => lnbits.hang(),
      },
    );

    describeWallet(
      { describe, it },
      {
        name: "LNbits",
        create: wallet,
        invoice: async ({ amountMsat }) => (await newInvoice(amountMsat)).bolt11,
        expiredInvoice: async () => {
          const { bolt11, expiresAt } = await newInvoice(21_000, 1);
          while (new Date() < expiresAt) await new Promise((resolve) => setTimeout(resolve, 50));
          return bolt11;
        },
        amountlessInvoice: async () => {
          const other = fakeLightning();
          other.next("createInvoice", "amountless");
          const order = { amountMsat: 21_000, description: "any amount", expiresInSeconds: 600 };
          return (await other.provider.createInvoice(order)).bolt11;
        },
        costlyInvoice: async () => ({ bolt11: (await newInvoice()).bolt11, feeMsat: 2_000 }),
        spentMsat: async () => {
          const headers = { "x-api-key": buyer.inkey };
          const { balance } = await (await fetch(`${lnbits.url}/api/v1/wallet`, { headers })).json();
          return FUNDS_SATS * 1000 - balance;
        },
        loseNextAnswer: () => {
          connection = "loses the next answer";
        },
        delayNextOrder: () => {
          connection = "delays the next order";
          return () => arrive();
        },
        breakBackend,
        hangBackend: () => lnbits.hang(),
      },
    );

    it("needs no more than the invoice key to sell", async () => {
      const wallet = createLnbitsWallet({ url: lnbits.url, adminKey: seller.inkey });
      const paying = wallet.payInvoice({ bolt11: (await newInvoice()).bolt11, maxFeeMsat: 2_000 });
      await expect(paying).rejects.toMatchObject({ code: "PROVIDER_UNAUTHORIZED", fundsMoved: "no" });
    });

    it("calls it failed to pay again what it has paid, and we do not", async () => {
      const { bolt11 } = await newInvoice();
      const paid = await pay(bolt11);
      const raw = await fetch(`${lnbits.url}/api/v1/payments`, {
        method: "POST",
        headers: { "x-api-key": buyer.adminkey, "content-type": "application/json" },
        body: JSON.stringify({ out: true, bolt11 }),
      });
      expect([raw.status, await raw.json()]).toEqual([520, expect.objectContaining({ status: "failed" })]);
      expect(await pay(bolt11)).toEqual(paid);
    });

    it.each(["inkey", "adminkey"] as const)("knows no payment of a wallet with another %s", async (key) => {
      const { bolt11, paymentHash } = await newInvoice();
      await pay(bolt11);
      const stranger = await lnbits.createAccount("stranger");
      const { url } = lnbits;
      expect(await createLnbitsWallet({ url, adminKey: stranger[key] }).lookupPayment(paymentHash)).toEqual({
        status: "not-found",
      });
      const lookup = createLnbits({ url, invoiceKey: stranger[key] }).lookupInvoice({ paymentHash });
      await expect(lookup).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
    });

    it("is not paid by a wallet that pays itself", async () => {
      const own = createLnbits({ url: lnbits.url, invoiceKey: buyer.inkey });
      const invoice = await own.createInvoice({ amountMsat: 5_000, description: "mine", expiresInSeconds: 600 });
      expect(await wallet().lookupPayment(invoice.paymentHash)).toEqual({ status: "not-found" });
      expect((await pay(invoice.bolt11)).status).toBe("paid");
      await expect(own.lookupInvoice(invoice)).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
      expect((await wallet().lookupPayment(invoice.paymentHash)).status).toBe("paid");
    });

    describe("behind a paywall", () => {
      let later = 0;
      const clock = () => new Date(Date.now() + later);
      const knock = async (authorization?: string) => {
        later += 1000; // the paywall asks once a second
        const header = (name: string) => (name === "authorization" ? authorization : undefined);
        return paywall().check({ method: "GET", path: "/weather", header }, { price: 10 });
      };
      let opened: ReturnType<typeof createPaywall> | undefined;
      const paywall = () => {
        const useStore = createMemoryUseStore({ clock });
        opened ??= createPaywall({ provider: provider(), secret: "s".repeat(32), useStore, clock });
        return opened;
      };
      const challengeOf = (decision: Decision) =>
        decision.outcome === "denied"
          ? decision.reply.headers.filter(([name]) => name === "WWW-Authenticate").map(([, value]) => value)
          : [];

      it("the preimage that LNbits gives away buys nothing", async () => {
        const lines = challengeOf(await knock());
        const [challenge] = parseChallenges(lines);
        const { token = "", invoice = "" } = challenge ?? {};
        const { paymentHash } = decodeInvoice(invoice);

        // The attack: nobody asks for a key here, and nothing has been paid.
        const shown = await (await fetch(`${lnbits.url}/api/v1/payments/${paymentHash}`)).json();
        expect(shown.paid).toBe(false);
        if (version === "1.5.6") expect(sha256(shown.preimage)).toBe(paymentHash);
        else expect(shown.preimage).toBeNull();

        const stolen = formatCredential(token, shown.preimage ?? "ab".repeat(32));
        for (let i = 0; i < 2; i++) {
          expect(await knock(stolen)).toMatchObject({
            outcome: "denied",
            error: { code: version === "1.5.6" ? "CREDENTIAL_NOT_SETTLED" : "CREDENTIAL_PREIMAGE_MISMATCH" },
          });
        }
        const paid = await payChallenge(wallet(), lines);
        if (version === "1.5.6") expect(paid).toBe(stolen);
        expect((await knock(paid)).outcome).toBe("granted");
        expect((await knock(paid)).outcome).toBe("denied");
      });
    });
  },
);

const sha256 = (hex: string) => createHash("sha256").update(hex, "hex").digest("hex");
