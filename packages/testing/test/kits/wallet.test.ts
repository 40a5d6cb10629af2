import { decodeInvoice, L402Error, type LightningWallet, type PayInvoiceInput, type PaymentResult } from "@l402/core";
import { describe, expect, it } from "vitest";
import { describeWallet, type FakeLightning, fakeClock, fakeLightning } from "../../src/index.ts";
import { type WalletSubject, walletCases } from "../../src/kits/wallet.ts";
import { namesOf, runCase } from "./run-cases.ts";

type Change = (wallet: LightningWallet, lightning: FakeLightning) => Partial<LightningWallet>;

const API_KEY = "sk_live_0123456789";

const unheard: PaymentResult = { status: "unknown", reason: "no answer" };

/** The fake node at the end of a line on which an order can be late, and a wallet that remembers such orders. */
function overLine({ wallet }: FakeLightning) {
  const doubts = new Set<string>();
  const weigh = <Found extends { status: string }>(about: string, found: Found) =>
    doubts.has(about) && found.status !== "paid" ? unheard : found;
  let isDelayed = false;
  let arrive = async (): Promise<unknown> => undefined;
  return {
    delayNextOrder() {
      isDelayed = true;
      return () => arrive();
    },
    wallet: {
      ...wallet,
      async payInvoice(input: PayInvoiceInput) {
        if (!isDelayed) return weigh(input.bolt11, await wallet.payInvoice(input));
        isDelayed = false;
        arrive = () => wallet.payInvoice(input);
        doubts.add(input.bolt11).add(decodeInvoice(input.bolt11).paymentHash);
        return unheard;
      },
      lookupPayment: async (paymentHash: string) => weigh(paymentHash, await wallet.lookupPayment(paymentHash)),
    },
  };
}

function subjectWith(change: Change): WalletSubject {
  const clock = fakeClock();
  const lightning = fakeLightning({ clock, feeMsat: 1_000 });
  const { provider } = lightning;
  const { wallet, delayNextOrder } = overLine(lightning);
  const order = { amountMsat: 21_000, description: "tea", expiresInSeconds: 600 };
  const fault = (fault: "PROVIDER_UNREACHABLE" | "hang") => () => {
    lightning.always("payInvoice", fault);
    lightning.always("lookupPayment", fault);
    return lightning.heal;
  };
  return {
    name: "fakeLightning",
    secrets: [API_KEY],
    patienceSeconds: 0.3,
    create: () => ({ ...wallet, ...change(wallet, lightning) }),
    invoice: async ({ amountMsat }) => (await provider.createInvoice({ ...order, amountMsat })).bolt11,
    async expiredInvoice() {
      const { bolt11, expiresAt } = await provider.createInvoice(order);
      clock.set(expiresAt);
      return bolt11;
    },
    async amountlessInvoice() {
      lightning.next("createInvoice", "amountless");
      return (await provider.createInvoice(order)).bolt11;
    },
    costlyInvoice: async () => ({ bolt11: (await provider.createInvoice(order)).bolt11, feeMsat: 1_000 }),
    spentMsat: () => 1_000_000_000 - lightning.balanceMsat,
    loseNextAnswer: () => lightning.next("payInvoice", "unknown-settled"),
    delayNextOrder,
    breakBackend: fault("PROVIDER_UNREACHABLE"),
    hangBackend: fault("hang"),
  };
}

describeWallet(
  { describe, it },
  subjectWith(() => ({})),
);

/** The good wallet with something changed in what it answers. */
const answering =
  (change: (result: PaymentResult, input: PayInvoiceInput) => PaymentResult): Change =>
  ({ payInvoice }) => ({ payInvoice: async (input) => change(await payInvoice(input), input) });

const inPaid = (change: object) =>
  answering((result) => (result.status === "paid" ? { ...result, ...change } : result));

const failed: PaymentResult = { status: "failed", reason: "something went wrong" };

/** Calls a payment paid when the backend says that it failed, as a wallet does that only looks at the HTTP status. */
const optimistic = (about: RegExp) =>
  answering((result) =>
    result.status === "failed" && about.test(result.reason)
      ? { status: "paid", preimage: "0".repeat(64), feeMsat: 0 }
      : result,
  );

/** Pays what it was not meant to pay, by way of another invoice. */
const paysInstead =
  (about: RegExp): Change =>
  ({ payInvoice }, { provider }) => ({
    async payInvoice(input) {
      const result = await payInvoice(input);
      if (result.status !== "failed" || !about.test(result.reason)) return result;
      const { bolt11 } = await provider.createInvoice({ amountMsat: 1_000, description: "", expiresInSeconds: 60 });
      await payInvoice({ bolt11, maxFeeMsat: 10_000 });
      return result;
    },
  });

const BREAKAGES: readonly [what: string, failingCase: string, change: Change][] = [
  ...(["", "0".repeat(64), "ab".repeat(32), undefined] as const).map((preimage): [string, string, Change] => [
    `answers ${preimage?.slice(0, 4) || "no"}… for a preimage`,
    "pays an invoice, within the fee limit, and answers the preimage",
    inPaid({ preimage }),
  ]),
  [
    "takes more than the fee limit",
    "pays an invoice, within the fee limit, and answers the preimage",
    inPaid({ feeMsat: 10_001 }),
  ],
  [
    "does not tell the fee",
    "pays an invoice, within the fee limit, and answers the preimage",
    inPaid({ feeMsat: undefined }),
  ],
  [
    "does not find its payments",
    "finds a payment that it made",
    () => ({ lookupPayment: async () => ({ status: "not-found" }) }),
  ],
  [
    "takes every payment for one that is under way",
    "answers not-found for a payment that it never made",
    ({ lookupPayment }) => ({
      async lookupPayment(paymentHash) {
        const result = await lookupPayment(paymentHash);
        return result.status === "not-found" ? { status: "unknown", reason: "not found" } : result;
      },
    }),
  ],
  ...(
    [
      "answers the same payment when it is asked to pay an invoice again",
      "pays once when it is asked several times at once",
    ] as const
  ).map((failingCase): [string, string, Change] => [
    "calls a paid invoice failed",
    failingCase,
    ({ payInvoice }) => {
      const paid = new Set<string>();
      return {
        async payInvoice(input) {
          if (paid.has(input.bolt11)) return failed;
          paid.add(input.bolt11);
          return payInvoice(input);
        },
      };
    },
  ]),
  [
    "pays again",
    "spends the amount and the fee that it answers, once",
    ({ payInvoice }, { provider }) => {
      const paid = new Set<string>();
      return {
        async payInvoice(input) {
          const again = paid.has(input.bolt11);
          paid.add(input.bolt11);
          const result = await payInvoice(input);
          const { bolt11 } = await provider.createInvoice({ amountMsat: 1_000, description: "", expiresInSeconds: 60 });
          if (again) await payInvoice({ ...input, bolt11 });
          return result;
        },
      };
    },
  ],
  ["answers another fee", "spends the amount and the fee that it answers, once", inPaid({ feeMsat: 0 })],
  ["calls nonsense paid", "fails for a text that is not an invoice, without moving money", optimistic(/not a BOLT11/)],
  [
    "moves money for nonsense",
    "fails for a text that is not an invoice, without moving money",
    paysInstead(/not a BOLT11/),
  ],
  ["calls an expired invoice paid", "fails for an expired invoice, without moving money", optimistic(/expired/)],
  ["pays for an expired invoice", "fails for an expired invoice, without moving money", paysInstead(/expired/)],
  [
    "chooses an amount by itself",
    "fails for an invoice without an amount, without moving money",
    paysInstead(/no amount/),
  ],
  [
    "has its own idea of a fee limit",
    "fails for an invoice that costs more than the fee limit, and pays it within a higher one",
    ({ payInvoice }) => ({ payInvoice: (input) => payInvoice({ ...input, maxFeeMsat: 100_000 }) }),
  ],
  [
    "looks at the HTTP status only",
    "does not call a payment paid that has no route to the payee",
    optimistic(/no route/),
  ],
  [
    "pays for nobody",
    "sends nothing for a caller who gave up before",
    ({ payInvoice }) => ({ payInvoice: ({ signal: _, ...input }) => payInvoice(input) }),
  ],
  [
    "calls a lost answer failed",
    "answers unknown, and finds out later, when it does not hear of a payment that went through",
    answering((result) => (result.status === "unknown" ? failed : result)),
  ],
  [
    "never resolves a lost answer",
    "answers unknown, and finds out later, when it does not hear of a payment that went through",
    () => ({ lookupPayment: async () => ({ status: "unknown", reason: "who knows" }) }),
  ],
  [
    "calls an order failed that got no answer",
    "answers unknown while an order that it did not hear of may still arrive",
    answering((result) => (result.status === "unknown" ? failed : result)),
  ],
  [
    "forgets an order that got no answer",
    "answers unknown while an order that it did not hear of may still arrive",
    (_, { wallet }) => ({ lookupPayment: wallet.lookupPayment }),
  ],
  [
    "believes the books as soon as they have something",
    "does not take an earlier or a later failure for the outcome of an order that may still arrive",
    ({ lookupPayment }, { wallet }) => ({
      async lookupPayment(paymentHash) {
        const booked = await wallet.lookupPayment(paymentHash);
        return booked.status === "not-found" ? lookupPayment(paymentHash) : booked;
      },
    }),
  ],
  [
    "answers what became of its last order only",
    "does not take an earlier or a later failure for the outcome of an order that may still arrive",
    ({ payInvoice }) => {
      const unheard = new Set<string>();
      return {
        async payInvoice(input) {
          const result = await payInvoice(input);
          if (result.status === "unknown" && unheard.has(input.bolt11)) return failed;
          unheard.add(input.bolt11);
          return result;
        },
      };
    },
  ],
  [
    "says failed and tries again later",
    "calls no payment paid while its backend is down, and means it when it says failed",
    ({ payInvoice, lookupPayment }) => {
      const waiting: PayInvoiceInput[] = [];
      return {
        payInvoice: (input) =>
          payInvoice(input).catch(() => {
            waiting.push(input);
            return failed;
          }),
        async lookupPayment(paymentHash) {
          for (const input of waiting.splice(0)) await payInvoice(input);
          return lookupPayment(paymentHash);
        },
      };
    },
  ],
  [
    "shows its key in an error",
    "calls no payment paid while its backend is down, and means it when it says failed",
    ({ payInvoice }) => ({
      payInvoice: (input) =>
        payInvoice(input).catch(() => {
          throw new L402Error("PROVIDER_UNAUTHORIZED", `The key ${API_KEY} was refused.`);
        }),
    }),
  ],
  ...(["not-found", "failed"] as const).map((status): [string, string, Change] => [
    `answers ${status} while it cannot know`,
    "never says not-found or failed of a payment while it cannot look it up",
    ({ lookupPayment }) => ({
      lookupPayment: (paymentHash) => lookupPayment(paymentHash).catch(() => ({ ...failed, status }) as PaymentResult),
    }),
  ]),
  [
    "looks at the fee limit before it looks whether it has paid",
    "answers the payment that it made also to a lower fee limit",
    ({ payInvoice }) => ({ payInvoice: async (input) => (input.maxFeeMsat === 0 ? failed : payInvoice(input)) }),
  ],
  [
    "does not listen to its caller",
    "gives up when its caller does, and means it when it says failed",
    ({ payInvoice }) => ({ payInvoice: ({ signal: _, ...input }) => payInvoice(input) }),
  ],
];

describe("the kit", () => {
  it.each(BREAKAGES)("notices a wallet that %s", async (_, failingCase, change) => {
    await expect(runCase(walletCases, failingCase, subjectWith(change))).rejects.toThrow();
  });

  it("has no case that cannot fail", () => {
    expect([...new Set(BREAKAGES.map(([, failingCase]) => failingCase))].sort()).toEqual(namesOf(walletCases));
  });
});
