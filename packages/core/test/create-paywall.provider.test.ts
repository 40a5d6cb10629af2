import { afterEach, describe, expect, it, vi } from "vitest";
import {
  type AuthenticToken,
  createMemoryChallengeLimiter,
  formatCredential,
  type Invoice,
  type InvoiceRef,
  type LightningProvider,
  macaroonFormat,
  signedJsonFormat,
} from "../src/index.ts";
import { denied, expectNoOffer, granted, headersOf, offerOf, openShop, request } from "./shop.ts";

const terms = { price: 10 };

afterEach(() => vi.useRealTimers());

describe("a lying provider", () => {
  it.each(["wrong-amount", "wrong-hash", "wrong-network", "already-expired", "amountless"] as const)(
    "%s in its BOLT11: 503 and no challenge",
    async (lie) => {
      const { paywall, lightning } = openShop();
      lightning.always("createInvoice", lie);
      const decision = await paywall.check(request("/a"), terms);
      expect(denied(decision, "PROVIDER_BAD_RESPONSE").reply.status).toBe(503);
      expectNoOffer(decision);
      lightning.heal();
      offerOf(await paywall.check(request("/a"), terms));
    },
  );

  it.each([undefined, null, {}, { bolt11: 5 }, { bolt11: "lnbc1" }])(
    "%o for an invoice: 503 and no challenge",
    async (answer) => {
      const { lightning } = openShop();
      const { paywall } = openShop({ provider: { ...lightning.provider, createInvoice: async () => answer as never } });
      const decision = await paywall.check(request("/a"), terms);
      denied(decision, "PROVIDER_BAD_RESPONSE");
      expectNoOffer(decision);
    },
  );

  it("a longer expiry than was asked for: the token does not live longer for it, and the buyer is told", async () => {
    const shop = openShop();
    const { createInvoice } = shop.lightning.provider;
    const provider = (seconds: number): LightningProvider => ({
      ...shop.lightning.provider,
      createInvoice: (input) => createInvoice({ ...input, expiresInSeconds: seconds }),
    });
    const offered = async (seconds: number) => {
      const decision = await shop.open({ provider: provider(seconds) }).check(request("/a"), terms);
      const { exp } = JSON.parse(Buffer.from(offerOf(decision).token, "base64url").toString());
      const { expiresAt } = JSON.parse(denied(decision).reply.body);
      const now = shop.clock().getTime() / 1000;
      return [new Date(expiresAt).getTime() / 1000 - now, exp - now];
    };
    expect(await offered(599)).toEqual([599, 599 + 3600]);
    expect(await offered(660)).toEqual([660, 660 + 3600]);
    expect(await offered(661)).toEqual([660, 660 + 3600]);
    expect(await offered(86_400 * 365)).toEqual([660, 660 + 3600]);
  });

  it("the same invoice again is not offered again: one payment would open several tokens", async () => {
    const { lightning } = openShop();
    const { createInvoice } = lightning.provider;
    let first: ReturnType<typeof createInvoice> | undefined;
    const { paywall } = openShop({
      provider: {
        ...lightning.provider,
        createInvoice: (input) => {
          first ??= createInvoice(input);
          return first;
        },
      },
    });
    offerOf(await paywall.check(request("/a"), terms));
    const decision = await paywall.check(request("/b"), terms);
    denied(decision, "PROVIDER_BAD_RESPONSE");
    expectNoOffer(decision);
  });

  it("nor after many others: what was offered last is remembered when the older half is forgotten", async () => {
    const { lightning, open } = openShop();
    const { createInvoice } = lightning.provider;
    let repeated: Invoice | undefined;
    const provider: LightningProvider = {
      ...lightning.provider,
      createInvoice: async (input) => repeated ?? createInvoice(input),
    };
    const paywall = open({ provider, challengeLimiter: false });
    for (let i = 0; i < 1_500; i++) await paywall.check(request("/a"), terms);
    const { invoices } = lightning;
    expect(invoices).toHaveLength(1_500);
    for (repeated of [invoices[0], invoices.at(-1)]) {
      denied(await paywall.check(request("/b"), terms), "PROVIDER_BAD_RESPONSE");
    }
  });

  it("an invoice that expires at this very moment is expired", async () => {
    const { lightning, clock } = openShop();
    const { createInvoice } = lightning.provider;
    const late: LightningProvider = {
      ...lightning.provider,
      async createInvoice(input) {
        const invoice = await createInvoice(input);
        clock.advanceSeconds(600);
        return invoice;
      },
    };
    denied(await openShop({ provider: late, clock }).paywall.check(request("/a"), terms), "PROVIDER_BAD_RESPONSE");
  });

  it("on a test network does not sell real goods: mainnet is the default", async () => {
    const shop = openShop();
    const { network: _, ...settings } = shop.settings;
    const decision = await shop.open({ ...settings, network: "bitcoin" }).check(request("/a"), terms);
    expect(denied(decision, "PROVIDER_BAD_RESPONSE").error.message).toContain("regtest");
  });
});

it("who has hung up gets no invoice, and takes none from who stays", async () => {
  const { paywall, lightning, buy } = openShop({ challengeLimiter: createMemoryChallengeLimiter({ perMinute: 2 }) });
  const authorization = await buy("/a", terms);
  const gone = { hasLeft: () => true };
  for (let i = 0; i < 9; i++) expectNoOffer(await paywall.check({ ...request("/a"), ...gone }, terms));
  expect(lightning.invoices).toHaveLength(1);
  offerOf(await paywall.check({ ...request("/a"), hasLeft: () => false }, terms));
  granted(await paywall.check({ ...request("/a", { authorization }), ...gone }, terms));
});

describe("a provider that is down", () => {
  it.each([
    "PROVIDER_UNREACHABLE",
    "PROVIDER_TIMEOUT",
    "PROVIDER_RATE_LIMITED",
    "PROVIDER_UNAUTHORIZED",
    "PROVIDER_REJECTED",
    "PROVIDER_BAD_RESPONSE",
  ] as const)("with %s: 503 with Retry-After, nothing granted", async (code) => {
    const { paywall, lightning } = openShop();
    lightning.always("createInvoice", code);
    const decision = await paywall.check(request("/a"), terms);
    const { reply, error } = denied(decision, code);
    expect(reply.status).toBe(503);
    expect(headersOf(decision, "retry-after")).toEqual(["5"]);
    expectNoOffer(decision);
    // The seller reads what is wrong. The buyer only reads that waiting can help.
    const body = JSON.parse(reply.body);
    expect(body).toMatchObject({ code, retryable: true, detail: "The seller's server has a problem." });
    expect(body.hint).toMatch(/^Repeat the request .* Do not pay again\.$/);
    expect([body.hint, body.detail]).not.toContain(error.hint);
    expect(reply.body).not.toContain(error.message);
  });

  it("does not lock out a paid reusable token", async () => {
    const terms = { price: 10, uses: 3 };
    const { paywall, lightning, buy } = openShop();
    const authorization = await buy("/a", terms);
    lightning.always("createInvoice", "PROVIDER_UNREACHABLE");
    lightning.always("lookupInvoice", "PROVIDER_UNREACHABLE");
    granted(await paywall.check(request("/a", { authorization }), terms));
    granted(await paywall.check(request("/a", { authorization }), terms));
  });

  it("that never answers: 503 in time, and the call is aborted", async () => {
    const { lightning } = openShop();
    let signal: AbortSignal | undefined;
    const createInvoice = (input: { signal?: AbortSignal }) => {
      signal = input.signal;
      return new Promise<never>(() => {});
    };
    const { paywall } = openShop({ provider: { ...lightning.provider, createInvoice } });
    vi.useFakeTimers();
    const asked = paywall.check(request("/a"), terms);
    await vi.advanceTimersByTimeAsync(2999);
    expect(signal?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    denied(await asked, "PROVIDER_TIMEOUT");
    expect(signal?.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("leaves no timer behind when it answers", async () => {
    const { paywall } = openShop();
    vi.useFakeTimers();
    await paywall.check(request("/a"), terms);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a provider whose preimages prove nothing", () => {
  const leaky = { preimageProvesPayment: false };

  it("and never says whether it was paid: 503 in time, and the call is aborted", async () => {
    const shop = openShop({}, leaky);
    const lookupInvoice = vi.fn<LightningProvider["lookupInvoice"]>(() => new Promise<never>(() => {}));
    const paywall = shop.open({ provider: { ...shop.lightning.provider, lookupInvoice } });
    const authorization = await shop.buy("/a", terms);
    vi.useFakeTimers();
    const asked = paywall.check(request("/a", { authorization }), terms);
    await vi.advanceTimersByTimeAsync(3000);
    denied(await asked, "PROVIDER_TIMEOUT");
    expect(lookupInvoice.mock.lastCall?.[1]?.signal?.aborted).toBe(true);
  });

  it("preimage known before payment: nothing is granted, and no second invoice is offered", async () => {
    const { paywall, lightning, clock } = openShop({}, leaky);
    const { token } = offerOf(await paywall.check(request("/a"), terms));
    // Anyone could read this preimage from such a backend, although the invoice was not paid.
    const { paymentHash } = lightning.invoices[0] as { paymentHash: string };
    lightning.always("lookupInvoice", "still-open");
    const authorization = formatCredential(token, lightning.settle(paymentHash));

    const decision = await paywall.check(request("/a", { authorization }), terms);
    expect(denied(decision, "CREDENTIAL_NOT_SETTLED").reply.status).toBe(402);
    expect(headersOf(decision, "retry-after")).toEqual(["1"]);
    expectNoOffer(decision);
    denied(await paywall.check(request("/a", { authorization }), terms), "CREDENTIAL_NOT_SETTLED");
    lightning.heal();
    clock.advanceSeconds(1);
    granted(await paywall.check(request("/a", { authorization }), terms));
  });

  it("does not know what was sold by the one before it: nothing is granted, and nobody is asked to pay again", async () => {
    const before = openShop();
    const authorization = await before.buy("/a", terms);
    const { paywall } = openShop({ clock: before.clock }, leaky);
    const decision = await paywall.check(request("/a", { authorization }), terms);
    expect(denied(decision, "PROVIDER_REJECTED").reply.status).toBe(503);
    expectNoOffer(decision);
  });

  it("is asked once a second for who comes again and again before it was paid, and answers all of them", async () => {
    const { paywall, lightning, clock, events } = openShop({}, leaky);
    const { token } = offerOf(await paywall.check(request("/a"), terms));
    const { paymentHash } = lightning.invoices[0] as { paymentHash: string };
    lightning.always("lookupInvoice", "still-open");
    const authorization = formatCredential(token, lightning.settle(paymentHash));
    const askOften = async () => {
      const decisions = Array.from({ length: 50 }, () => paywall.check(request("/a", { authorization }), terms));
      for (const decision of await Promise.all(decisions)) denied(decision, "CREDENTIAL_NOT_SETTLED");
      return lightning.calls.lookupInvoice;
    };
    expect(await askOften()).toBe(1);
    expect(await askOften()).toBe(1);
    clock.advanceSeconds(1);
    expect(await askOften()).toBe(2);
    lightning.heal();
    clock.advanceSeconds(1);
    const decisions = Array.from({ length: 50 }, () => paywall.check(request("/a", { authorization }), terms));
    const outcomes = (await Promise.all(decisions)).map(({ outcome }) => outcome);
    expect(outcomes.filter((outcome) => outcome === "granted")).toHaveLength(1);
    expect(events.filter(({ type }) => type === "granted")).toHaveLength(1);
    expect(lightning.calls.lookupInvoice).toBe(3);
  });

  it("is asked again in the same second after a lookup that failed, and who waited for that one is told", async () => {
    const { paywall, lightning, buy } = openShop({}, leaky);
    const authorization = await buy("/a", terms);
    lightning.always("lookupInvoice", "PROVIDER_UNREACHABLE");
    const ask = () => paywall.check(request("/a", { authorization }), terms);
    for (const decision of await Promise.all([ask(), ask()])) denied(decision, "PROVIDER_UNREACHABLE");
    expect(lightning.calls.lookupInvoice).toBe(1);
    lightning.heal();
    granted(await ask());
    expect(lightning.calls.lookupInvoice).toBe(2);
  });

  it("a lookup of an earlier second that fails late does not undo the answer of this second", async () => {
    const shop = openShop({}, leaky);
    let failLate = (_: Error) => {};
    let lookups = 0;
    let askedOnce = () => {};
    const isAsked = new Promise<void>((resolve) => {
      askedOnce = resolve;
    });
    const lookupInvoice = () => {
      askedOnce();
      if (++lookups > 1) return Promise.resolve({ status: "open" as const });
      return new Promise<never>((_, reject) => {
        failLate = reject;
      });
    };
    const paywall = shop.open({ provider: { ...shop.lightning.provider, lookupInvoice } });
    const authorization = await shop.buy("/a", terms);
    const first = paywall.check(request("/a", { authorization }), terms);
    await isAsked;
    shop.clock.advanceSeconds(1);
    denied(await paywall.check(request("/a", { authorization }), terms), "CREDENTIAL_NOT_SETTLED");
    failLate(new Error("hiccup"));
    denied(await first);
    denied(await paywall.check(request("/a", { authorization }), terms), "CREDENTIAL_NOT_SETTLED");
    expect(lookups).toBe(2);
  });

  it("is asked once per payment, not once per use", async () => {
    const terms = { price: 10, uses: 5 };
    const { paywall, lightning, buy } = openShop({}, leaky);
    const authorization = await buy("/a", terms);
    for (let i = 0; i < 5; i++) granted(await paywall.check(request("/a", { authorization }), terms));
    expect(lightning.calls.lookupInvoice).toBe(1);
  });

  it("is asked once for each of the last fifty thousand payments", async () => {
    const shop = openShop({}, leaky);
    const pass = { price: 10, uses: "unlimited" } as const;
    const lookupInvoice = vi.fn(async () => ({ status: "settled" }) as const);
    const { mint, authenticate } = signedJsonFormat();
    const hash = (i: number) => `${i}`.padStart(64, "0");
    let current = 0;
    const paywall = shop.open({
      provider: { ...shop.lightning.provider, lookupInvoice },
      tokenFormat: {
        name: "many",
        mint,
        authenticate(token, keys) {
          const { claims, caveats } = authenticate(token, keys) as AuthenticToken;
          // The first read is compared with the preimage; later reads name the payment.
          let reads = 0;
          const own = claims.paymentHash;
          const named = { get: () => (reads++ === 0 ? own : hash(current)), enumerable: true };
          return { claims: Object.defineProperty({ ...claims }, "paymentHash", named), caveats };
        },
      },
    });
    const authorization = await shop.pay(await paywall.gate(pass)(request("/a")));
    const gate = paywall.gate(pass);
    const ask = async (i: number) => {
      current = i;
      granted(await gate(request("/a", { authorization })));
      return lookupInvoice.mock.calls.length;
    };
    for (let i = 0; i < 50_000; i++) await ask(i);
    shop.clock.advanceSeconds(1);
    expect(await ask(0)).toBe(50_000);
    for (let i = 50_000; i < 100_000; i++) await ask(i);
    shop.clock.advanceSeconds(1);
    expect(await ask(50_000)).toBe(100_000);
    expect(await ask(0)).toBe(100_001);
  });

  it("fails closed when it cannot be asked, and takes no use", async () => {
    const { paywall, lightning, buy, clock } = openShop({}, leaky);
    const authorization = await buy("/a", terms);
    for (const code of ["PROVIDER_UNREACHABLE", "PROVIDER_UNAUTHORIZED"] as const) {
      clock.advanceSeconds(1);
      lightning.next("lookupInvoice", code);
      const decision = await paywall.check(request("/a", { authorization }), terms);
      expect(denied(decision, code).reply.status).toBe(503);
      expectNoOffer(decision);
    }
    clock.advanceSeconds(1);
    granted(await paywall.check(request("/a", { authorization }), terms));
  });

  it.each([undefined, {}, { status: "SETTLED" }, true])(
    "is not believed, nor is the buyer, when it says %o",
    async (state) => {
      const shop = openShop({}, leaky);
      const authorization = await shop.buy("/a", terms);
      const provider = { ...shop.lightning.provider, lookupInvoice: async () => state as never };
      const decision = await shop.open({ provider }).check(request("/a", { authorization }), terms);
      expect(denied(decision, "PROVIDER_BAD_RESPONSE").reply.status).toBe(503);
      expectNoOffer(decision);
    },
  );

  it.each(["canceled", "expired"] as const)("offers a new invoice only when the old one is %s", async (status) => {
    const shop = openShop({}, leaky);
    const authorization = await shop.buy("/a", terms);
    const provider = { ...shop.lightning.provider, lookupInvoice: async () => ({ status }) };
    const decision = await shop.open({ provider }).check(request("/a", { authorization }), terms);
    denied(decision, "CREDENTIAL_NOT_SETTLED");
    offerOf(decision);
  });

  it.each([
    ["signed JSON", {}],
    ["macaroons", { tokenFormat: macaroonFormat() }],
  ])("is asked by its own reference, which %s carry", async (_, options) => {
    const shop = openShop(options, leaky);
    const { createInvoice, lookupInvoice } = shop.lightning.provider;
    const asked: InvoiceRef[] = [];
    const provider: LightningProvider = {
      ...shop.lightning.provider,
      createInvoice: async (input) => ({ ...(await createInvoice(input)), providerRef: "charge-1" }),
      lookupInvoice: (ref) => {
        asked.push(ref);
        return lookupInvoice(ref);
      },
    };
    const paywall = shop.open({ provider });
    const authorization = await shop.pay(await paywall.check(request("/a"), terms));
    granted(await paywall.check(request("/a", { authorization }), terms));
    expect(asked).toEqual([{ paymentHash: shop.lightning.invoices[0]?.paymentHash, providerRef: "charge-1" }]);
  });

  it.each(["", "a b", "a\nb", "x".repeat(129), 5])(
    "creates no offer for a reference that fits no token: %o",
    async (ref) => {
      const shop = openShop();
      const { createInvoice } = shop.lightning.provider;
      const provider: LightningProvider = {
        ...shop.lightning.provider,
        createInvoice: async (input) => ({ ...(await createInvoice(input)), providerRef: ref as string }),
      };
      denied(await shop.open({ provider }).check(request("/a"), terms), "PROVIDER_BAD_RESPONSE");
    },
  );
});

describe("the challenge limiter", () => {
  it("is asked before any invoice is created", async () => {
    const shop = openShop();
    const limiter = createMemoryChallengeLimiter({ perClientPerMinute: 2, clock: shop.clock });
    const paywall = shop.open({ challengeLimiter: limiter });
    for (let i = 0; i < 2; i++) offerOf(await paywall.check(request("/a", { clientKey: "10.0.0.1" }), terms));
    const decision = await paywall.check(request("/a", { clientKey: "10.0.0.1" }), terms);
    expect(denied(decision, "TOO_MANY_CHALLENGES").reply.status).toBe(429);
    expect(headersOf(decision, "retry-after")).toEqual(["30"]);
    expectNoOffer(decision);
    expect(shop.lightning.calls.createInvoice).toBe(2);
    offerOf(await paywall.check(request("/a", { clientKey: "10.0.0.2" }), terms));
  });

  it("does not limit requests that have paid", async () => {
    const terms = { price: 10, uses: 3 };
    const shop = openShop();
    const authorization = await shop.buy("/a", terms);
    const paywall = shop.open({ challengeLimiter: { take: () => ({ allowed: false, retryAfterSeconds: 9 }) } });
    granted(await paywall.check(request("/a", { authorization }), terms));
  });

  it("that never answers is no reason to hang, nor to create invoices", async () => {
    const { paywall, lightning } = openShop({ challengeLimiter: { take: () => new Promise<never>(() => {}) } });
    vi.useFakeTimers();
    const asked = paywall.check(request("/a"), terms);
    await vi.advanceTimersByTimeAsync(3000);
    denied(await asked, "STORE_UNAVAILABLE");
    expect(lightning.calls.createInvoice).toBe(0);
  });

  it("that is down is no reason to create invoices", async () => {
    const { paywall, lightning } = openShop({
      challengeLimiter: {
        take: () => {
          throw new Error("down");
        },
      },
    });
    expect(denied(await paywall.check(request("/a"), terms), "STORE_UNAVAILABLE").reply.status).toBe(503);
    expect(lightning.calls.createInvoice).toBe(0);
  });

  it("is on by default and can be turned off", async () => {
    const on = openShop();
    const off = openShop({ challengeLimiter: false });
    const ask = (shop: typeof on) => shop.paywall.check(request("/a", { clientKey: "10.0.0.1" }), terms);
    for (let i = 0; i < 60; i++) offerOf(await ask(on));
    denied(await ask(on), "TOO_MANY_CHALLENGES");
    for (let i = 0; i < 61; i++) offerOf(await ask(off));
  });
});

describe("what the payer's wallet shows", () => {
  it.each([
    ["a short text", "Weather", "Weather"],
    ["nothing: the resource", undefined, "GET /a"],
    ["a text longer than BOLT11 can hold", "x".repeat(5000), "x".repeat(639)],
    ["half a character, which LND refuses", "\ud83d tea \ude00\ud83d\ude00", " tea \ud83d\ude00"],
    ["emoji, cut between characters", "😀".repeat(500), "😀".repeat(159)],
    ["quotes, line breaks and right-to-left marks", '"a"\r\n\u202eb', '"a"\r\n\u202eb'],
  ])("%s", async (_, description, shown) => {
    const { paywall, lightning } = openShop();
    offerOf(await paywall.check(request("/a"), description === undefined ? terms : { ...terms, description }));
    expect(lightning.invoices[0]?.description).toBe(shown);
  });
});
