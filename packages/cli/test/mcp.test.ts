import { describe, expect, it } from "vitest";
import { newState } from "./l402-process.ts";
import { openLightningShop } from "./lightning-shop.ts";
import { openAgent } from "./mcp-agent.ts";

const shop = await openLightningShop();
const env = { ...shop.env, L402_ALLOWED_HOSTS: shop.url.slice("http://".length) };
const agent = await openAgent({ env });
const { call } = agent;
const HASH = expect.stringMatching(/^[0-9a-f]{64}$/);

describe.each(["legacy", "auto"] as const)("an agent whose client is %s", (mode) => {
  it("asks for the price, pays, uses what it bought, and sees what is left", async () => {
    const limits = { L402_STATE: newState(), L402_MAX_SATS: "50", L402_MAX_SATS_PER_HOUR: "90" };
    const { client, tools, call, told } = await openAgent({ env: { ...env, ...limits }, mode });
    expect(client.getNegotiatedProtocolVersion()).toBe(mode === "auto" ? "2026-07-28" : "2025-11-25");
    expect(client.getServerVersion()).toMatchObject({ name: "l402" });
    expect(client.getInstructions()).toContain("at most 50 sats per request, 90 sats per hour, 100000 sats per day");
    expect(tools.map(({ name }) => name)).toEqual(["fetch", "quote", "spending", "purchases"]);

    const url = `${shop.url}/pass`;
    expect((await call("quote", { url })).data).toMatchObject({
      asksForPayment: true,
      amountSats: 25,
      uses: 3,
      resource: "GET /pass",
      withinLimits: true,
      left: { requestSats: 50, hourSats: 90, daySats: 100_000 },
    });
    const before = shop.payments.length;
    const { data, text, isError } = await call("fetch", { url });
    expect(JSON.parse(text)).toEqual(data);
    expect({ isError, data }).toEqual({
      isError: false,
      data: {
        notice: expect.stringContaining(`The following text comes from ${env.L402_ALLOWED_HOSTS}, not from your user.`),
        url,
        status: 200,
        headers: expect.objectContaining({ "content-type": expect.stringContaining("text/plain") }),
        body: "let in",
        payment: { paidNow: true, amountSats: 25, feeSats: 1, paymentHash: HASH },
        left: { requestSats: 50, hourSats: 64, daySats: 99_974 },
      },
    });
    const { payment } = (await call("fetch", { url })).data;
    expect(payment).toMatchObject({ paidNow: false, paymentHash: data.payment.paymentHash });
    expect(shop.payments).toHaveLength(before + 1);

    expect((await call("spending")).data).toEqual({
      request: { limitSats: 50 },
      hour: { spentSats: 26, limitSats: 90, leftSats: 64 },
      day: { spentSats: 26, limitSats: 100_000, leftSats: 99_974 },
      total: { spentSats: 26 },
      underWaySats: 0,
      origins: [{ origin: shop.url, spentSats: 26 }],
    });
    expect((await call("purchases")).data.purchases).toEqual([
      {
        status: "paid",
        method: "GET",
        url,
        cost: "25 sats",
        usesLeft: 1,
        validUntil: expect.any(String),
        paymentHash: HASH,
      },
    ]);
    expect(told()).toContain(`Paid 25 sats to ${shop.url}, plus a routing fee of 1 sat.\n`);
  });
});

describe("fetch", () => {
  it("sends what it is given", async () => {
    const { data } = await call("fetch", {
      url: `${shop.url}/echo`,
      body: '{"a":1}',
      headers: { "x-own": "mine" },
    });
    expect(JSON.parse(data.body)).toEqual({ body: '{"a":1}', type: "application/json", own: "mine" });
    expect(data.payment).toMatchObject({ paidNow: true, amountSats: 7 });
  });

  it("maxSats lowers the limit and never raises it, and what is misspelt pays nothing", async () => {
    const before = shop.payments.length;
    const url = `${shop.url}/weather`;
    const lower = await call("fetch", { url, maxSats: 5 });
    expect(lower.error).toEqual({
      code: "BUDGET_EXCEEDED",
      title: "Budget exceeded",
      message: "maxSats is 5 sats; this costs 10 sats.",
      hint: "To allow this price, raise maxSats. It never raises your user's limits.",
      fundsMoved: "no",
      retryable: false,
    });
    const price = await call("fetch", { url: `${shop.url}/echo`, method: "POST", body: "h", maxSats: 0 });
    expect(price.error).toMatchObject({ message: "maxSats is 0 sats; this costs 1 sat." });
    for (const maxSats of [2100, 1e15]) {
      const { error } = await call("fetch", { url: `${shop.url}/dear`, maxSats });
      expect(error).toMatchObject({
        message: "The limit for this request is 1000 sats; this costs 2000 sats.",
        hint: expect.stringMatching(/^Only your user can raise this limit\./),
      });
    }
    for (const given of [{ max_sats: 5 }, { maxSats: -1 }, { maxSats: "5" }, { maxSats: 1.5 }, { budget: {} }]) {
      expect((await call("fetch", { url, ...given })).error).toMatchObject({ code: "USAGE", fundsMoved: "no" });
    }
    expect(shop.payments).toHaveLength(before);
    // What is passed on costs a sat, and is part of it.
    expect((await call("fetch", { url, maxSats: 10 })).error).toMatchObject({
      code: "PAYMENT_FAILED",
      message: expect.stringContaining("maxSats leaves 0 sats for the fee."),
      hint: expect.stringContaining("allow some sats more, for the routing fee"),
      fundsMoved: "no",
    });
    expect((await call("fetch", { url, maxSats: 11 })).data.payment).toMatchObject({ amountSats: 10, feeSats: 1 });
  });

  it.each(["DAY", "ORIGIN"])(
    "a price above what is left of the limit per %s is told before it is paid",
    async (limit) => {
      const limits = { L402_STATE: newState(), [`L402_MAX_SATS_PER_${limit}`]: "20" };
      const { call } = await openAgent({ env: { ...env, ...limits } });
      const url = `${shop.url}/weather`;
      const left = { requestSats: 9, [`${limit.toLowerCase()}Sats`]: 9 };
      expect((await call("quote", { url })).data).toMatchObject({ amountSats: 10, withinLimits: true });
      expect((await call("fetch", { url })).data.left).toMatchObject(left);
      expect((await call("quote", { url })).data).toMatchObject({ amountSats: 10, withinLimits: false, left });
      expect((await call("fetch", { url })).error).toMatchObject({ code: "BUDGET_EXCEEDED", fundsMoved: "no" });
    },
  );

  it("tells what went wrong, and what became of the money", async () => {
    const failed = await call("fetch", { url: `${shop.url}/withdrawn` });
    expect(failed.error).toMatchObject({ code: "PAYMENT_FAILED", fundsMoved: "no" });
    const refused = await call("fetch", { url: `${shop.url}/refuses` });
    expect(refused.error).toMatchObject({ code: "PAYMENT_REJECTED", fundsMoved: "yes" });
    expect(refused.error.hint).toContain("To pay again, your user has to run l402 tokens forget");
    const { data } = await call("fetch", { url: `${shop.url}/broken` });
    expect(data).toMatchObject({ status: 500, body: "out of paper", advice: expect.stringContaining("is kept") });
    const card = await call("fetch", { url: `${shop.url}/unknown-scheme` });
    expect(card.data).toMatchObject({ status: 402, body: "pay by card" });
    expect(card.data.advice).toContain("Nothing was paid");
    expect((await call("quote", { url: `${shop.url}/free` })).data).toEqual({ asksForPayment: false });
  });

  it("says so when an answer that was paid for breaks off", async () => {
    const { error } = await call("fetch", { url: `${shop.url}/breaks-off` });
    expect(error).toMatchObject({ code: "PAYMENT_REJECTED", fundsMoved: "yes" });
  });

  it("spends one budget, whatever is asked for at once", async () => {
    const limits = { L402_STATE: newState(), L402_MAX_SATS_PER_DAY: "50" };
    const { call } = await openAgent({ env: { ...env, ...limits } });
    const asked = Array.from({ length: 12 }, (_, i) =>
      call("fetch", { url: `${shop.url}/weather`, maxSats: 40 + (i % 3) }),
    );
    const answers = await Promise.all(asked);
    const paid = answers.filter(({ data }) => data.payment?.paidNow);
    const { spentSats, leftSats } = (await call("spending")).data.day;
    expect(spentSats).toBe(paid.length * 11);
    expect(spentSats + leftSats).toBe(50);
    expect(paid.length).toBeGreaterThan(0);
    // What the others leave may be too little for a fee, and then the wallet finds no way.
    for (const { error } of answers) expect([undefined, "BUDGET_EXCEEDED", "PAYMENT_FAILED"]).toContain(error?.code);
  });
});
