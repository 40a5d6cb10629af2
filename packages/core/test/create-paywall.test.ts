import { runInNewContext } from "node:vm";
import { decodeInvoice } from "@l402/bolt11";
import { describe, expect, it } from "vitest";
import {
  createMemoryPaymentLog,
  L402Error,
  type PaymentEvent,
  type Preflight,
  signedJsonFormat,
  type TokenFormat,
} from "../src/index.ts";
import { denied, expectNoOffer, granted, headersOf, offerOf, openShop, request } from "./shop.ts";

const terms = { price: 10 };

describe("a request without a credential", () => {
  it("gets a 402 with an invoice for the price and the token it buys", async () => {
    const { paywall } = openShop();
    const decision = await paywall.gate({ ...terms, description: "Weather" })(request("/weather?city=rome"));

    const { reply } = denied(decision, "CREDENTIAL_MISSING");
    expect(reply.status).toBe(402);
    const { token, invoice } = offerOf(decision);
    expect(headersOf(decision, "www-authenticate")).toEqual([
      `LSAT macaroon="${token}", invoice="${invoice}"`,
      `L402 macaroon="${token}", invoice="${invoice}", version="0", token="${token}"`,
    ]);
    expect(decodeInvoice(invoice)).toMatchObject({ amountMsat: 10_000n, network: "regtest", description: "Weather" });
  });

  it("gets a body that a program can act on alone", async () => {
    const { paywall, clock } = openShop();
    const decision = await paywall.gate({ price: { msat: 1500 } })(request("/weather"));
    const { token, invoice } = offerOf(decision);
    expect(JSON.parse(denied(decision).reply.body)).toEqual({
      title: "Payment required",
      status: 402,
      code: "CREDENTIAL_MISSING",
      detail: expect.any(String),
      retryable: false,
      hint: expect.any(String),
      price: { sats: 1.5, msat: 1500 },
      resource: "GET /weather",
      uses: 1,
      validForSeconds: 3600,
      invoice,
      token,
      paymentHash: decodeInvoice(invoice).paymentHash,
      expiresAt: new Date(clock().getTime() + 600_000).toISOString(),
      howToPay: expect.stringContaining("Authorization: L402 <token>:<preimage>"),
      macaroon: token,
      priceSats: 2,
    });
  });

  it.each(["Bearer abc", "Basic Zm9v", ""])("with Authorization %o gets the same 402", async (authorization) => {
    const { paywall } = openShop();
    const decision = await paywall.gate(terms)(request("/a", { authorization }));
    expect(denied(decision, "CREDENTIAL_MISSING").reply.status).toBe(402);
    offerOf(decision);
  });

  it("is never cached and readable across origins", async () => {
    const { paywall } = openShop();
    const decision = await paywall.gate(terms)(request("/a"));
    expect(headersOf(decision, "cache-control")).toEqual(["no-store"]);
    expect(headersOf(decision, "vary")).toEqual(["Authorization, Accept"]);
    expect(headersOf(decision, "access-control-expose-headers")).toEqual(["WWW-Authenticate, Retry-After"]);
    expect(headersOf(decision, "content-type")).toEqual(["application/problem+json"]);
    // Clients would wait, and send the same again.
    expect(headersOf(decision, "retry-after")).toEqual([]);
  });

  it("gets no invoice for HEAD, and no body", async () => {
    const { paywall, lightning } = openShop();
    const decision = await paywall.gate(terms)(request("/a", { method: "HEAD" }));
    expect(denied(decision).reply).toMatchObject({ status: 402, body: "" });
    expectNoOffer(decision);
    expect(lightning.calls.createInvoice).toBe(0);
  });

  it("is neither gated nor charged as a genuine CORS preflight", async () => {
    const { paywall, lightning } = openShop();
    const headers = { origin: "https://app.example", "access-control-request-method": "GET" };
    const gate = paywall.gate(terms);
    expect(await gate(request("/a", { method: "OPTIONS", headers }))).toEqual({
      outcome: "preflight",
      reply: {
        status: 204,
        headers: [
          ["Access-Control-Allow-Origin", "*"],
          ["Access-Control-Allow-Methods", "GET"],
          ["Access-Control-Allow-Headers", "Authorization"],
          ["Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"],
        ],
        body: "",
      },
    });
    expect(lightning.calls.createInvoice).toBe(0);
    for (const name of Object.keys(headers)) {
      const half = { [name]: headers[name as keyof typeof headers] };
      denied(await gate(request("/a", { method: "OPTIONS", headers: half })), "CREDENTIAL_MISSING");
    }
  });
});

it("a preflight is allowed the headers it asks for, in characters that a header may have", async () => {
  const { paywall } = openShop();
  const headers = {
    origin: "https://app.example",
    "access-control-request-method": "GET\r\nSet-Cookie: a=b",
    "access-control-request-headers": "authorization, x-a\u00e9\n",
  };
  const { reply } = (await paywall.gate(terms)(request("/a", { method: "OPTIONS", headers }))) as Preflight;
  expect(reply.headers).toContainEqual(["Access-Control-Allow-Methods", "GETSet-Cookie ab"]);
  expect(reply.headers).toContainEqual(["Access-Control-Allow-Headers", "authorization, x-a"]);
});

describe("a paid request", () => {
  it("is granted, and knows what was paid", async () => {
    const { paywall, buy, lightning } = openShop();
    const authorization = await buy("/weather", terms);
    const { payment, headers } = granted(await paywall.gate(terms)(request("/weather", { authorization })));
    expect(payment).toEqual({
      paymentHash: lightning.invoices[0]?.paymentHash,
      amountMsat: 10_000,
      resource: "GET /weather",
      remainingUses: 0,
    });
    expect(headers).toEqual([
      ["Cache-Control", "private"],
      ["Vary", "Authorization"],
    ]);
  });

  it("pays a GET's HEAD too", async () => {
    const { paywall, buy } = openShop();
    const authorization = await buy("/a", { ...terms, uses: 2 });
    granted(await paywall.gate(terms)(request("/a", { method: "HEAD", authorization })));
    granted(await paywall.gate(terms)(request("/a", { authorization })));
  });

  it("works on every server that has the secret and the store", async () => {
    const shop = openShop();
    const authorization = await shop.buy("/a", terms);
    granted(await shop.open().gate(terms)(request("/a", { authorization })));
    denied(await shop.paywall.gate(terms)(request("/a", { authorization })), "CREDENTIAL_USED_UP");
  });

  it("is accepted from two Authorization lines with the same credential, as Aperture's clients send it", async () => {
    const { paywall, buy } = openShop();
    const credential = (await buy("/a", terms)).replace("L402 ", "");
    const authorization = [`LSAT ${credential}`, `L402 ${credential}`];
    granted(await paywall.gate(terms)(request("/a", { authorization })));
  });

  it("is refused from two lines with different credentials, and loses nothing by it", async () => {
    const { paywall, buy } = openShop();
    const one = await buy("/a", terms);
    const two = await buy("/a", terms);
    const decision = await paywall.gate(terms)(request("/a", { authorization: [one, two] }));
    expect(denied(decision, "CREDENTIAL_MALFORMED").reply.status).toBe(401);
    expectNoOffer(decision);
    for (const authorization of [one, two]) granted(await paywall.gate(terms)(request("/a", { authorization })));
  });

  it("may bring several tokens of which one is ours", async () => {
    const shop = openShop();
    const other = openShop({ secret: "the secret of another shop, long enough" });
    const [ours, preimage] = (await shop.buy("/a", terms)).replace("L402 ", "").split(":") as [string, string];
    const foreign = offerOf(await other.paywall.check(request("/a"), terms)).token;
    const asking = (tokens: string[]) => request("/a", { authorization: `L402 ${tokens.join(",")}:${preimage}` });

    denied(await shop.paywall.check(asking([ours, ours]), terms), "CREDENTIAL_MALFORMED");
    for (const others of [
      [foreign, foreign],
      [foreign, "AAAA"],
      ["AAAA", foreign],
      ["AAAA", "BBBB"],
    ]) {
      denied(await shop.paywall.check(asking(others), terms), "CREDENTIAL_NOT_AUTHENTIC");
    }
    granted(await shop.paywall.check(asking([foreign, ours, "AAAA"]), terms));
  });

  it("may not bring several tokens while the format cannot say whose they are", async () => {
    const shop = openShop();
    const [ours, preimage] = (await shop.buy("/a", terms)).replace("L402 ", "").split(":") as [string, string];
    const { mint, authenticate } = signedJsonFormat();
    const tokenFormat: TokenFormat = {
      name: "remote",
      mint,
      authenticate(token, keys) {
        if (token !== ours) throw new L402Error("STORE_UNAVAILABLE");
        return authenticate(token, keys);
      },
    };
    const paywall = shop.open({ tokenFormat });
    for (const tokens of [`AAAA,${ours}`, `${ours},AAAA`, "AAAA,BBBB", "AAAA"]) {
      const authorization = `L402 ${tokens}:${preimage}`;
      denied(await paywall.check(request("/a", { authorization }), terms), "STORE_UNAVAILABLE");
    }
    granted(await paywall.check(request("/a", { authorization: `L402 ${ours}:${preimage}` }), terms));
  });

  it("is written to every log once per grant, without a preimage, and a failing log does not matter", async () => {
    const terms = { price: 10, uses: 3 };
    const paymentLog = createMemoryPaymentLog();
    const broken = { record: () => Promise.reject(new Error("disk full")) };
    const worse = {
      record: () => {
        throw new Error("disk full");
      },
    };
    const { paywall, buy, events, clock } = openShop({ paymentLog: [broken, worse, paymentLog] });
    const authorization = await buy("/a", terms);
    for (let i = 0; i < 3; i++) granted(await paywall.check(request("/a", { authorization }), terms));
    expect(paymentLog.payments).toEqual([
      { paymentHash: expect.stringMatching(/^[0-9a-f]{64}$/), amountMsat: 10_000, resource: "GET /a", paidAt: clock() },
    ]);
    await Promise.resolve();
    expect(events.filter(({ type }) => type === "failed")).toHaveLength(6);
  });

  it("is not changed for one log by another", async () => {
    const paymentLog = createMemoryPaymentLog();
    const meddling = {
      record: (event: PaymentEvent) => {
        event.paidAt.setTime(0);
        Object.assign(event, { amountMsat: 1, paymentHash: "0".repeat(64) });
      },
    };
    const { paywall, buy, clock } = openShop({ paymentLog: [meddling, paymentLog] });
    const authorization = await buy("/a", terms);
    const { payment } = granted(await paywall.check(request("/a", { authorization }), terms));
    const { paymentHash, amountMsat, resource } = payment;
    expect(amountMsat).toBe(10_000);
    expect(paymentHash).not.toMatch(/^0+$/);
    expect(paymentLog.payments).toEqual([{ paymentHash, amountMsat, resource, paidAt: clock() }]);
  });
});

describe("events", () => {
  it("tell the story of a sale", async () => {
    const { paywall, buy, events } = openShop();
    const authorization = await buy("/a", terms);
    await granted(await paywall.check(request("/a", { authorization }), terms)).finish(500);
    expect(events.map(({ type }) => type)).toEqual(["challenged", "denied", "granted", "released"]);
  });

  it("cannot break a request", async () => {
    const { paywall } = openShop({
      onEvent: () => {
        throw new Error("listener");
      },
    });
    denied(await paywall.check(request("/a"), terms), "CREDENTIAL_MISSING");
  });

  it.each([
    ["an asynchronous listener", { onEvent: async () => Promise.reject(new Error("sink down")) }],
    ["an odd promise of a log", { paymentLog: { record: () => runInNewContext("Promise.reject(new Error('x'))") } }],
  ])("cannot end the process: %s that rejects", async (_, options) => {
    const unhandled: unknown[] = [];
    const listener = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", listener);
    const { paywall, buy } = openShop(options as object);
    const authorization = await buy("/a", terms);
    granted(await paywall.check(request("/a", { authorization }), terms));
    await new Promise((resolve) => setTimeout(resolve, 20));
    process.off("unhandledRejection", listener);
    expect(unhandled).toEqual([]);
  });
});
