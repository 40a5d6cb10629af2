import { createWallet, failed, paidResult, unknown } from "@l402/backend";
import { L402Error, type LightningProvider, type LightningWallet, type PaymentResult } from "@l402/core";
import { fakeLightning } from "@l402/testing";
import type { Simulation } from "./simulation.ts";
import { pause } from "./virtual-time.ts";

interface SoldInvoice {
  preimage: string;
  amountMsat: number;
  expiresAt: Date;
  seller: string;
  isSettled: boolean;
}

export interface Payment {
  paymentHash: string;
  amountMsat: number;
  feeMsat: number;
  state: "in-flight" | "settled" | "failed";
  beganAt: number;
  /** The node says that it has paid, and shows the preimage only when the world is healed. */
  hidesPreimage: boolean;
  ended: Promise<void>;
}

/** The Lightning network: sellers' nodes, which make invoices, and buyers' nodes, which pay them. */
export function openLightning({ random, time, faults, trace, nameOf }: Simulation) {
  const { chance, pick, whole } = random;
  const invoices = new Map<string, SoldInvoice>();
  const clock = () => new Date(time.now());

  async function nodeTrouble(): Promise<void> {
    await pause(whole(1, 50));
    if (!chance(faults.node)) return;
    if (chance(0.5)) throw pick(new L402Error("PROVIDER_UNREACHABLE"), new Error("words of a backend"));
    await pause(pick(whole(1000, 6000), 60_000));
  }

  function providerOf(seller: string, preimageProvesPayment: boolean): LightningProvider {
    const fake = fakeLightning({ clock });
    return {
      name: "simulated",
      preimageProvesPayment,
      async createInvoice({ amountMsat, description, expiresInSeconds }) {
        await nodeTrouble();
        const invoice = await fake.provider.createInvoice({ amountMsat, description, expiresInSeconds });
        const { paymentHash, expiresAt } = invoice;
        // The fake node only makes the invoice: here, who paid what is decided below.
        const preimage = fake.settle(paymentHash);
        invoices.set(paymentHash, { preimage, amountMsat, expiresAt, seller, isSettled: false });
        return invoice;
      },
      async lookupInvoice({ paymentHash }) {
        await nodeTrouble();
        const invoice = invoices.get(paymentHash);
        if (!invoice) throw new L402Error("PROVIDER_REJECTED");
        if (invoice.isSettled) return { status: "settled", preimage: invoice.preimage, settledAt: clock() };
        return { status: clock() >= invoice.expiresAt ? "expired" : "open" };
      },
    };
  }

  /** A buyer's node. It outlives the processes that use it. */
  function openNode(name: string, isAlone: boolean, onBegin: (payment: Payment) => void) {
    const payments = new Map<string, Payment>();
    // Like most backends, some nodes take no limit of fees, and then up to a reserve.
    const feeReserveMsat = (amountMsat: number) => 2000 + Math.ceil(amountMsat / 100);
    const takesReserve = chance(0.3);

    const resultOf = ({ paymentHash, state, feeMsat, hidesPreimage }: Payment): PaymentResult => {
      if (state === "failed") return failed("no route");
      if (state === "in-flight") return unknown("under way");
      const isShown = !hidesPreimage || !faults.preimageLate;
      return paidResult(name, paymentHash, isShown ? invoices.get(paymentHash)?.preimage : undefined, feeMsat);
    };

    /** Begins a payment, unless the invoice cannot be paid. Like all nodes, it pays a hash at most once. */
    function begin(paymentHash: string, maxFeeMsat: number): Payment | undefined {
      const earlier = payments.get(paymentHash);
      if (earlier && earlier.state !== "failed") return earlier;
      const invoice = invoices.get(paymentHash);
      if (!invoice || invoice.isSettled || clock() >= invoice.expiresAt) return undefined;
      const limitMsat = takesReserve ? feeReserveMsat(invoice.amountMsat) : maxFeeMsat;
      const feeMsat = pick(0, 1000, whole(0, 12_000));
      const hasRoute = feeMsat <= limitMsat && !chance(faults.paymentFails);
      const hangs = chance(faults.paymentHangs);
      const payment: Payment = {
        paymentHash,
        amountMsat: invoice.amountMsat,
        feeMsat: Math.min(feeMsat, limitMsat),
        state: "in-flight",
        beganAt: time.now(),
        hidesPreimage: chance(faults.preimageLate),
        ended: pause(hangs ? pick(whole(5_000, 90_000), whole(60_000, 5_000_000)) : whole(50, 2000)).then(() => {
          const arrives = hasRoute && !invoice.isSettled && !(hangs && chance(0.3));
          payment.state = arrives ? "settled" : "failed";
          invoice.isSettled ||= arrives;
          trace(`payment of ${nameOf(paymentHash)} by ${name} ${payment.state}`);
        }),
      };
      payments.set(paymentHash, payment);
      onBegin(payment);
      return payment;
    }

    // A wallet looks out for its late orders for two minutes. Where clocks jump by hours, no other process can know
    // that they are not over.
    const lateOrders = isAlone || faults.clockSteps === 0 ? ["order late"] : [];

    /** A wallet of one process. On the line to its node an order, a result or both may be lost, or be late. */
    const openWallet = (): LightningWallet =>
      createWallet({
        name,
        label: name,
        ...(takesReserve && { feeReserveMsat }),
        async send({ paymentHash, maxFeeMsat, timeoutSeconds }) {
          await pause(whole(1, 100));
          const trouble =
            chance(faults.walletLine) && pick("not sent", "order lost", ...lateOrders, "answer lost", "answer late");
          if (trouble === "not sent") throw new L402Error("PROVIDER_UNREACHABLE", "not sent", { fundsMoved: "no" });
          if (trouble === "order late") pause(whole(1000, 110_000)).then(() => begin(paymentHash, maxFeeMsat));
          if (trouble === "order late" || trouble === "order lost") throw new Error("no answer");
          const payment = begin(paymentHash, maxFeeMsat);
          trace(`order for ${nameOf(paymentHash)} at ${name} ${payment?.state ?? "refused"}`);
          if (trouble === "answer late") await pause(whole(1000, 300_000));
          if (trouble === "answer lost") {
            await pause(whole(100, 100_000));
            throw new Error("reset");
          }
          if (!payment) return { result: failed("the invoice cannot be paid"), isOver: true, lookUp: true };
          await Promise.race([payment.ended, pause(timeoutSeconds * 1000)]);
          return { result: resultOf(payment), isOver: true };
        },
        async find(paymentHash) {
          await pause(whole(1, 100));
          if (chance(faults.walletLine)) {
            await pause(60_000);
            throw new Error("reset");
          }
          const payment = payments.get(paymentHash);
          return payment ? resultOf(payment) : { status: "not-found" };
        },
      });
    return { name, payments, openWallet };
  }

  return { invoices, providerOf, openNode };
}

export type Lightning = ReturnType<typeof openLightning>;
export type Node = ReturnType<Lightning["openNode"]>;
