import { L402Error, type PaymentResult } from "@l402/core";
import { fakeLightning } from "@l402/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Attempt, createWallet, type FoundPayment, failed, type Order, unknown } from "../src/index.ts";

const lightning = fakeLightning();
const { bolt11, paymentHash, expiresAt } = await lightning.provider.createInvoice({
  ...{ amountMsat: 21_000, description: "tea", expiresInSeconds: 600 },
});
const paid: PaymentResult = { status: "paid", preimage: lightning.settle(paymentHash), feeMsat: 7 };
const noRoute = failed("no route");
const notFound = { status: "not-found" } as const;
const withoutPreimage = { status: "unknown", reason: "complete", withoutPreimage: true } as const;
const lost = new L402Error("PROVIDER_TIMEOUT", "No answer.", { fundsMoved: "maybe" });
const notSent = new L402Error("PROVIDER_UNREACHABLE", "Nobody there.", { fundsMoved: "no" });

beforeEach(() => void vi.useFakeTimers({ toFake: ["Date", "performance"] }));
afterEach(() => void vi.useRealTimers());

type Answers<Answer> = Answer | Error | (() => Promise<Answer>);
const next = async <Answer>(answers: Answers<Answer>[]): Promise<Answer> => {
  const answer = answers.shift();
  if (answer === undefined) throw new TypeError("The test gives no such answer.");
  if (answer instanceof Error) throw answer;
  return typeof answer === "function" ? (answer as () => Promise<Answer>)() : answer;
};

/** A wallet whose backend gives these answers, and what it was asked. */
function open({
  sends = [],
  finds = [],
  ...more
}: {
  sends?: Answers<Attempt>[];
  finds?: Answers<FoundPayment>[];
  feeReserveMsat?: (amountMsat: number) => number;
  sharesAttempts?: boolean;
  earlier?: (paymentHash: string, isInDoubt: boolean) => Promise<PaymentResult | undefined>;
}) {
  const orders: Order[] = [];
  const asked: string[] = [];
  const signals: (AbortSignal | undefined)[] = [];
  const wallet = createWallet({
    name: "strike",
    label: "Strike",
    ...more,
    send(order) {
      asked.push("send");
      orders.push(order);
      return next(sends);
    },
    find(hash, signal) {
      asked.push(`find ${hash === paymentHash ? "it" : hash}`);
      signals.push(signal);
      return next(finds);
    },
  });
  const pay = (changes = {}) => wallet.payInvoice({ bolt11, maxFeeMsat: 1_000, ...changes });
  return { wallet, asked, orders, signals, pay, lookUp: () => wallet.lookupPayment(paymentHash) };
}

describe("createWallet", () => {
  it("sends what the caller wants and what the invoice says, and answers with the outcome", async () => {
    const { pay, orders, lookUp } = open({ sends: [{ result: paid, isOver: true }], finds: [paid] });
    const { signal } = new AbortController();
    expect(await pay({ timeoutSeconds: 7, signal })).toEqual(paid);
    const invoice = { bolt11, paymentHash, amountMsat: 21_000, expiresAt };
    expect(orders).toEqual([{ ...invoice, maxFeeMsat: 1_000, timeoutSeconds: 7, signal }]);
    expect(await lookUp()).toEqual(paid);
  });

  it("sends nothing for an invoice that has expired, and finds what paid it before", async () => {
    const { pay, asked } = open({ finds: [notFound, paid] });
    vi.setSystemTime(expiresAt);
    expect(await pay()).toEqual(failed("The invoice has expired."));
    expect(await pay()).toEqual(paid);
    expect(asked).toEqual(["find it", "find it"]);
  });

  it.each([`lightning:${bolt11}`, `LIGHTNING:${bolt11.toUpperCase()}`, bolt11.toUpperCase(), ` ${bolt11}\n`])(
    "sends the invoice's own text: %j",
    async (text) => {
      const { pay, orders } = open({ sends: [{ result: paid, isOver: true }] });
      expect(await pay({ bolt11: text })).toEqual(paid);
      expect(orders).toMatchObject([{ bolt11 }]);
    },
  );

  it("waits for a payment for a minute, and for a look-up as long as its caller", async () => {
    const refusal = { result: noRoute, isOver: true, lookUp: true };
    const { pay, orders, wallet, signals, lookUp } = open({
      sends: [refusal, refusal],
      finds: Array(4).fill(notFound),
    });
    const { signal } = new AbortController();
    await pay();
    await pay({ signal });
    expect(orders).toMatchObject([
      { timeoutSeconds: 60, signal: undefined },
      { timeoutSeconds: 60, signal },
    ]);
    await lookUp();
    await wallet.lookupPayment(paymentHash, { signal });
    expect(signals).toEqual([undefined, signal, undefined, signal]);
  });

  it("has the name and whatever else the backend's own wallet offers, and nothing of its questions", () => {
    const { wallet } = open({});
    expect(Object.keys(wallet).sort()).toEqual(["lookupPayment", "name", "payInvoice"]);
    const ask = { send: () => Promise.reject(lost), find: () => Promise.reject(lost) };
    const more = { feeReserveMsat: () => 5, balanceMsat: async () => 3 };
    expect(createWallet({ name: "strike", label: "Strike", ...more, ...ask })).toMatchObject({
      ...more,
      name: "strike",
    });
  });

  it.each(["", "ab", "AB".repeat(32), "../invoices/7", `${paymentHash}/..`])(
    "asks nothing about %j, which is not a payment hash",
    async (text) => {
      const { wallet, asked } = open({ finds: [notFound] });
      await expect(wallet.lookupPayment(text)).rejects.toMatchObject({ code: "PROVIDER_REJECTED" });
      expect(asked).toEqual([]);
    },
  );
});

describe("the fee reserve", () => {
  it.each([1_001, Number.NaN, Number.POSITIVE_INFINITY, undefined as never, null as never])(
    "sends nothing that may cost more than maxFeeMsat: %d msat",
    async (reserveMsat) => {
      const { pay, asked } = open({ feeReserveMsat: () => reserveMsat, finds: [notFound] });
      const reason = `Strike may take ${reserveMsat} msat for this payment, which is more than maxFeeMsat.`;
      expect(await pay()).toEqual({ status: "failed", reason });
      expect(asked).toEqual(["find it"]);
    },
  );

  it("is that of the amount, and may be as high as maxFeeMsat", async () => {
    const { pay, asked } = open({
      feeReserveMsat: (amountMsat) => amountMsat / 21,
      sends: [{ result: paid, isOver: true }],
    });
    expect(await pay()).toEqual(paid);
    expect(asked).toEqual(["send"]);
  });

  it("does not call failed what was paid before with a higher limit", async () => {
    const { pay } = open({ feeReserveMsat: () => 5_000, finds: [paid] });
    expect(await pay()).toEqual(paid);
  });
});

describe("a refusal", () => {
  const refusal = (result: PaymentResult): Attempt => ({ result, isOver: true, lookUp: true });

  it.each([
    ["of what was paid before is paid", noRoute, paid, paid],
    ["of what is under way is unknown", noRoute, unknown("on its way"), unknown("on its way")],
    ["of what is in no book is what it says", noRoute, notFound, noRoute],
    ["that is not certain is unknown", unknown("?"), notFound, unknown("?")],
    [
      "that cannot be looked up is unknown, although looking up moves no money",
      noRoute,
      notSent,
      unknown(notSent.message),
    ],
  ] as const)("%s", async (_, result, found, outcome) => {
    const { pay, asked } = open({ sends: [refusal(result)], finds: [found] });
    expect(await pay()).toEqual(outcome);
    expect(asked).toEqual(["send", "find it"]);
  });

  it("is not looked up where the backend's answer is the last word", async () => {
    const { pay, asked } = open({ sends: [{ result: noRoute, isOver: true }] });
    expect(await pay()).toEqual(noRoute);
    expect(asked).toEqual(["send"]);
  });

  it.each([
    ["failed", noRoute],
    ["not-found", notFound],
    ["unknown", unknown("?")],
    ["an error", notSent],
  ])("cannot undo what the backend called complete: %s", async (_, found) => {
    const { pay } = open({ sends: [refusal(withoutPreimage)], finds: [found] });
    expect(await pay()).toEqual(withoutPreimage);
  });

  it("adds the preimage to what the backend called complete", async () => {
    expect(await open({ sends: [refusal(withoutPreimage)], finds: [paid] }).pay()).toEqual(paid);
  });
});

describe("a payment that was sent and not heard of", () => {
  const LATE = { status: "unknown", reason: expect.stringContaining("may still execute") };

  it("is not called not-found, because a look-up may overtake it", async () => {
    const { pay, lookUp } = open({ sends: [lost], finds: [notFound, notFound] });
    expect(await pay()).toEqual(unknown("No answer."));
    expect(await lookUp()).toEqual(LATE);
    vi.advanceTimersByTime(121_000);
    expect(await lookUp()).toEqual(notFound);
  });

  it("is not known by an earlier failure", async () => {
    const { pay, lookUp } = open({ sends: [{ result: noRoute, isOver: true }, lost], finds: [noRoute, noRoute, paid] });
    expect(await pay()).toEqual(noRoute);
    expect(await lookUp()).toEqual(noRoute);
    expect((await pay()).status).toBe("unknown");
    expect(await lookUp()).toEqual(LATE);
    expect(await lookUp()).toEqual(paid);
  });

  it("is not known by what becomes of a later attempt, whatever that is", async () => {
    const later: Answers<Attempt>[] = [
      { result: noRoute, isOver: true },
      { result: noRoute, isOver: true, lookUp: true },
      notSent,
    ];
    const { pay, lookUp } = open({ sends: [lost, ...later], finds: [notFound, notFound] });
    await pay();
    for (const _ of later) expect((await pay()).status).toBe("unknown");
    expect(await lookUp()).toEqual(LATE);
  });

  it.each<[string, Answers<Attempt>, FoundPayment["status"]]>([
    ["an answer that does not end it", { result: unknown("?"), isOver: false }, "unknown"],
    ["a refusal that does not end it", { result: noRoute, isOver: false, lookUp: true }, "unknown"],
    ["an answer that cannot be read", new TypeError("no such field"), "unknown"],
    ["no answer", lost, "unknown"],
    ["an answer that ends it", { result: unknown("?"), isOver: true }, "not-found"],
    ["a refusal that ends it", { result: noRoute, isOver: true, lookUp: true }, "not-found"],
    ["certainty that nothing was sent", notSent, "not-found"],
  ])("is doubtful until the backend is done with it: %s", async (_, answer, status) => {
    const { pay, lookUp } = open({ sends: [answer], finds: Array(2).fill(notFound) });
    await pay().catch(() => {});
    expect((await lookUp()).status).toBe(status);
  });

  it("is doubtful while it is being sent", async () => {
    let arrive = (_: Attempt) => {};
    const answer = new Promise<Attempt>((resolve) => {
      arrive = resolve;
    });
    const { pay, lookUp } = open({ sends: [() => answer], finds: [notFound, noRoute] });
    const attempt = pay();
    expect(await lookUp()).toEqual(LATE);
    arrive({ result: noRoute, isOver: true });
    expect(await attempt).toEqual(noRoute);
    expect(await lookUp()).toEqual(noRoute);
  });
});

describe("calls at once", () => {
  it.each([
    [true, 1],
    [false, 3],
  ])("share an attempt: %j, so the backend is asked %i times", async (sharesAttempts, times) => {
    const sends = Array<Attempt>(3).fill({ result: paid, isOver: true });
    const { pay, asked } = open({ sharesAttempts, sends });
    expect(await Promise.all([pay(), pay(), pay()])).toEqual([paid, paid, paid]);
    expect(asked).toHaveLength(times);
  });
});

describe("an earlier order that is not over", () => {
  const answers = () => ({ sends: [{ result: noRoute, isOver: true }], finds: [notFound] });

  it.each([paid, unknown("still trying")])("sends no other order, and is the answer: $status", async (before) => {
    const earlier = vi.fn(async () => before);
    const { pay, asked, lookUp } = open({ ...answers(), earlier });
    expect(await pay()).toEqual(before);
    expect([asked, earlier.mock.calls]).toEqual([[], [[paymentHash, false]]]);
    // Nothing was sent, so there is nothing to doubt.
    expect(await lookUp()).toEqual(notFound);
  });

  it("is in doubt after a lost answer, and no longer when it is too late to be carried out", async () => {
    const earlier = vi.fn(async (_: string, isInDoubt: boolean) => (isInDoubt ? unknown("in doubt") : undefined));
    const { pay, asked } = open({ sends: [lost, { result: paid, isOver: true }], earlier });
    await pay();
    expect(await pay()).toEqual(unknown("in doubt"));
    vi.advanceTimersByTime(120_000);
    expect(await pay()).toEqual(paid);
    expect(asked).toEqual(["send", "send"]);
  });

  it("is no longer in the way when it is over", async () => {
    const { pay, asked } = open({ ...answers(), earlier: async () => undefined });
    expect(await pay()).toEqual(noRoute);
    expect(asked).toEqual(["send"]);
  });
});
