import { afterEach, describe, expect, it, vi } from "vitest";
import {
  attenuateToken,
  clientError,
  createMemoryChallengeLimiter,
  createMemoryPaymentLog,
  createMemoryUseStore,
  createPaywall,
  L402Error,
  macaroonFormat,
  type PaywallOptions,
  type Terms,
  webhookLog,
} from "../src/index.ts";
import { denied, expectNoOffer, granted, openShop, request } from "./shop.ts";

afterEach(() => vi.useRealTimers());

/** As `http-errors` makes them. */
const httpError = (status: number) => Object.assign(new Error("no"), { status, statusCode: status, expose: true });
/** Like Hono's `HTTPException`. */
const honoException = (status: number) =>
  Object.assign(new Error("no"), { status, getResponse: () => new Response("no", { status }) });

const invalid = (naming: string | RegExp) =>
  expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringMatching(naming) });

describe("createPaywall refuses at construction", () => {
  it.each([
    ["no options", undefined, "createPaywall takes an object. Its options: provider, "],
    ["no provider", { provider: undefined }, "provider"],
    ["a provider that is none", { provider: {} }, "provider"],
    ["half a provider", { provider: { ...openShop().lightning.provider, lookupInvoice: undefined } }, "provider"],
    [
      "a provider that does not say what a preimage proves",
      { provider: { ...openShop().lightning.provider, preimageProvesPayment: undefined } },
      "provider",
    ],
    ["no secret", { secret: undefined }, "openssl rand"],
    ["an empty secret", { secret: "" }, "at least 32 bytes"],
    ["a short secret", { secret: "x".repeat(31) }, "at least 32 bytes"],
    ["a secret that is no text", { secret: 1234567890 }, "secret"],
    ["no keys", { secret: [] }, "secret"],
    [
      "a short key among long ones",
      {
        secret: [
          { id: "a", secret: "x".repeat(32) },
          { id: "b", secret: "y" },
        ],
      },
      '"b"',
    ],
    [
      "two keys with one id",
      {
        secret: [
          { id: "a", secret: "x".repeat(32) },
          { id: "a", secret: "y".repeat(32) },
        ],
      },
      "twice",
    ],
    ["an id with a quote", { secret: [{ id: 'a"', secret: "x".repeat(32) }] }, "id"],
    ["a key that is nothing", { secret: [null] }, "secret: each id"],
    ["keys without ids", { secret: ["x".repeat(32)] }, "secret: each id"],
    ["no use store", { useStore: undefined }, "createMemoryUseStore"],
    ["a use store that is none", { useStore: new Map() }, "useStore"],
    ["an unknown network", { network: "mainnet" }, "network"],
    ["a log that is none", { paymentLog: {} }, "paymentLog"],
    ["a limiter that is none", { challengeLimiter: true }, "challengeLimiter"],
    ["a limiter that is an empty text, as from `setting && limiter`", { challengeLimiter: "" }, "challengeLimiter"],
    ["a format that is none", { tokenFormat: {} }, "tokenFormat"],
    ["a clock that is none", { clock: new Date() }, "clock"],
    ["a listener that is none", { onEvent: 5 }, "onEvent"],
    ["the context of a request", { waitUntil: { waitUntil: () => {} } }, "waitUntil"],
    ["a log among others that is none", { paymentLog: [{ record: () => {} }, undefined] }, "paymentLog"],
    ["an expiry of zero", { invoiceExpiresInSeconds: 0 }, "invoiceExpiresInSeconds"],
    ["an expiry of NaN", { invoiceExpiresInSeconds: Number.NaN }, "invoiceExpiresInSeconds"],
    ["an expiry beyond a day", { invoiceExpiresInSeconds: 86_401 }, "invoiceExpiresInSeconds"],
    ["a timeout of zero", { providerTimeoutSeconds: 0 }, "providerTimeoutSeconds"],
    ["a timeout beyond a minute", { providerTimeoutSeconds: 61 }, "providerTimeoutSeconds"],
    ["a page that is none", { page: {} }, "page"],
    ["a switch as text", { challengeOnInvalid: "false" }, "challengeOnInvalid"],
    ["a switch as a number", { challengeOnInvalid: 1 }, "challengeOnInvalid"],
    ["an unknown option", { uses: 5 }, '"uses"'],
  ])("%s", (_, change, naming) => {
    const { settings } = openShop();
    const options = change && { ...settings, ...change };
    expect(() => createPaywall(options as PaywallOptions)).toThrow(invalid(naming));
  });

  const wallet = { name: "lnd", payInvoice: vi.fn(), lookupPayment: vi.fn() };
  const noProvider = "createPaywall: provider is missing or a wallet. It must be a provider such as createLnd().";
  it.each([
    ["no provider", { provider: undefined }, noProvider],
    ["a wallet as provider", { provider: wallet }, noProvider],
    [
      "no secret",
      { secret: undefined },
      "createPaywall: secret is missing. Is L402_SECRET set? It must be at least 32 bytes, such as from `openssl rand -hex 32`.",
    ],
    [
      "a short secret",
      { secret: "short" },
      "createPaywall: secret has 5 bytes. It must be at least 32 bytes, such as from `openssl rand -hex 32`.",
    ],
    [
      "a limiter that is none",
      { challengeLimiter: true },
      "createPaywall: challengeLimiter must be a ChallengeLimiter or false.",
    ],
  ])("%s, in words that say where and what to do", (_, change, message) => {
    const { settings } = openShop();
    expect(() => createPaywall({ ...settings, ...change } as PaywallOptions)).toThrow(
      expect.objectContaining({ code: "CONFIG_INVALID", message }),
    );
  });

  it("and says nothing of the secret", () => {
    const secret = "too short but secret";
    let thrown: unknown;
    try {
      openShop({ secret });
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(L402Error);
    expect(JSON.stringify(thrown) + String((thrown as Error).stack)).not.toContain(secret);
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const impossible: [string, unknown, string][] = [
  ["no terms", undefined, "terms"],
  ["a price alone", 10, "terms takes an object. Its options: price, "],
  ["no price", {}, "price"],
  ["a price of NaN", { price: Number.NaN }, "price is NaN"],
  ["a price of zero", { price: 0 }, "price is 0"],
  ["a negative price", { price: -1 }, "price is -1"],
  ["a fraction of a sat", { price: 0.5 }, "msat"],
  ["an endless price", { price: Number.POSITIVE_INFINITY }, "price"],
  ["a price as text", { price: "10" }, "price"],
  ["a fraction of a msat", { price: { msat: 0.5 } }, "price"],
  ["a price beyond exact numbers", { price: Number.MAX_SAFE_INTEGER }, "price"],
  ["no uses", { price: 1, uses: 0 }, "uses"],
  ["half a use", { price: 1, uses: 1.5 }, "uses"],
  ["uses as text", { price: 1, uses: "many" }, "uses"],
  ["too many uses", { price: 1, uses: 1_000_000_001 }, "uses"],
  ["a resource that no token can carry", { price: 1, resource: "x".repeat(513) }, "resource"],
  ["no time", { price: 1, validForSeconds: 0 }, "validForSeconds"],
  ["milliseconds for seconds", { price: 1, validForSeconds: Date.now() }, "validForSeconds"],
  ["an empty resource", { price: 1, resource: "" }, "resource"],
  ["a resource with a line break", { price: 1, resource: "a\nb" }, "resource"],
  ["a resource beyond ASCII", { price: 1, resource: "münchen" }, "percent-encode"],
  ["a misspelt field", { price: 1, use: 5 }, '"use"'],
];

// The types are what is tested: with `exactOptionalPropertyTypes`, an option that may be absent need not take
// undefined.
it("what may be left out may be undefined, as what is read from settings", async () => {
  const none = undefined;
  const terms: Terms = {
    price: 10,
    acceptFrom: none,
    resource: none,
    uses: none,
    validForSeconds: none,
    description: none,
  };
  const { paywall, buy } = openShop({
    useStore: createMemoryUseStore({ maxTokens: none, clock: none }),
    challengeLimiter: createMemoryChallengeLimiter({ perClientPerMinute: none, perMinute: none, clock: none }),
    paymentLog: [
      createMemoryPaymentLog({ limit: none }),
      webhookLog({
        url: "https://a",
        secret: "s".repeat(32),
        attempts: none,
        waitUntil: none,
        fetch: none,
        clock: none,
      }),
    ],
    tokenFormat: macaroonFormat({ service: none, unknownCaveats: none }),
    clock: none,
  });
  const bought = await buy("/a", terms);
  const narrow = (token: string) => attenuateToken(token, { uses: 1, resource: none, expiresAt: none });
  const authorization = bought.replace(/(?<= )[^:]+/, narrow);
  denied(await paywall.check(request("/b", { authorization }), terms), "CREDENTIAL_WRONG_RESOURCE");
});

describe("the largest terms", () => {
  it.each([
    ["uses", { price: 1, uses: 1_000_000_000 }],
    ["resource", { price: 1, resource: "x".repeat(512) }],
    ["time", { price: 1, validForSeconds: 315_360_000 }],
  ])("%s: are sold", async (_, terms) => {
    const { paywall, buy } = openShop();
    const authorization = await buy("/a", terms);
    granted(await paywall.gate(terms)(request("/a", { authorization })));
  });
});

describe("impossible terms", () => {
  it.each(impossible)("%s: fixed, they fail when mounted", (_, terms, naming) => {
    expect(() => openShop().paywall.gate(terms as Terms)).toThrow(invalid(naming));
  });

  it.each(impossible)(
    "%s: computed, they are a 500 that grants nothing, creates no invoice and takes no use",
    async (_, terms) => {
      const { paywall, lightning, buy } = openShop();
      const authorization = await buy("/a", { price: 10 });
      let current = terms;
      const gate = paywall.gate(() => current as Terms);
      for (const asking of [request("/a"), request("/a", { authorization })]) {
        const decision = await gate(asking, undefined);
        expect(denied(decision, "INTERNAL").reply.status).toBe(500);
        expectNoOffer(decision);
      }
      expect(lightning.calls.createInvoice).toBe(1);
      current = { price: 10 };
      granted(await gate(request("/a", { authorization }), undefined));
    },
  );

  it.each([
    [
      "throws",
      () => {
        throw new Error("db password is hunter2");
      },
    ],
    ["rejects", () => Promise.reject(new Error("db password is hunter2"))],
  ])("a terms function that %s: a 500 that says nothing of it", async (_, terms) => {
    const { paywall, lightning, events } = openShop();
    const decision = await paywall.gate(terms as () => never)(request("/a"), undefined);
    expect(events[0]).toMatchObject({ what: "terms", thrown: new Error("db password is hunter2") });
    expect(denied(decision, "INTERNAL").reply.status).toBe(500);
    expect(JSON.stringify(decision) + String(denied(decision).error.stack)).not.toContain("hunter2");
    expect(lightning.calls.createInvoice).toBe(0);
  });

  it("a terms function that never answers: 500 in half a minute, and no hang", async () => {
    const { paywall, lightning, events } = openShop();
    const gate = paywall.gate<undefined>(() => new Promise<never>(() => {}));
    vi.useFakeTimers();
    const asked = gate(request("/a"), undefined);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(events).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    const decision = await asked;
    expect(denied(decision, "INTERNAL").reply.status).toBe(500);
    expect(denied(decision).error.message).toBe("The terms function did not answer within 30 s.");
    expectNoOffer(decision);
    expect(lightning.calls.createInvoice).toBe(0);
    expect(events.map(({ type }) => type)).toEqual(["failed", "denied"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("a terms function that answers leaves no timer behind", async () => {
    const { paywall } = openShop();
    vi.useFakeTimers();
    denied(await paywall.gate(async () => ({ price: 1 }))(request("/a"), undefined), "CREDENTIAL_MISSING");
    expect(vi.getTimerCount()).toBe(0);
  });

  const marked = (properties: object) =>
    Object.assign(Object.create(null), { [Symbol.for("l402.error")]: true }, properties);

  it.each([
    ["a known code", marked({ code: "CREDENTIAL_USED_UP", status: 200 }), 402, "CREDENTIAL_USED_UP"],
    ["an error of ours", Object.assign(new L402Error("STORE_UNAVAILABLE"), { status: 200 }), 503, "STORE_UNAVAILABLE"],
    ["an unknown code", marked({ code: "FINE", status: 200 }), 500, "INTERNAL"],
    ["a buyer's code", clientError("BUDGET_EXCEEDED"), 500, "INTERNAL"],
    ["the name of a method", marked({ code: "toString", status: 200 }), 500, "INTERNAL"],
    ["no code", marked({ status: 200 }), 500, "INTERNAL"],
    ["a code that is no answer", new L402Error("LOG_UNAVAILABLE"), 500, "LOG_UNAVAILABLE"],
    ["a hint that is no text", marked({ code: "CREDENTIAL_USED_UP", hint: 1n }), 500, "INTERNAL"],
  ])("an object with a status of its own and %s is no 200", async (_, thrown, status, code) => {
    const { paywall, events } = openShop();
    const decision = await paywall.gate<undefined>(() => {
      throw thrown;
    })(request("/a"), undefined);
    const { reply, error } = denied(decision);
    expect([reply.status, error.code, JSON.parse(reply.body)]).toEqual([
      status,
      code,
      expect.objectContaining({ status, code }),
    ]);
    expect(events).toContainEqual(expect.objectContaining({ type: "failed", what: "terms", thrown }));
    expect(events).toContainEqual(expect.objectContaining({ type: "denied", status }));
  });

  it("an error of the store with a status of its own buys no second invoice", async () => {
    const thrown = marked({ code: "STORE_UNAVAILABLE", status: 402, message: "x" });
    const useStore = { consume: () => Promise.reject(thrown), release: () => {} };
    const { paywall, buy } = openShop({ useStore });
    const authorization = await buy("/a", { price: 10 });
    const decision = await paywall.check(request("/a", { authorization }), { price: 10 });
    expect(denied(decision, "STORE_UNAVAILABLE").reply.status).toBe(503);
    expectNoOffer(decision);
  });

  it.each([
    [
      "an error of another version, with a code unknown here",
      Object.assign(new L402Error("INTERNAL"), { code: "NEW_CODE" }),
    ],
    ["a revoked proxy", revoked()],
    ["nothing", undefined],
  ])("a terms function that throws %s is a denied request too", async (_, thrown) => {
    const gate = openShop().paywall.gate<undefined>(() => {
      throw thrown;
    });
    denied(await gate(request("/a"), undefined));
  });

  it.each([
    ["an error with a status", Object.assign(new Error("tokens must be a number"), { status: 400, expose: true })],
    ["an error with a statusCode", Object.assign(new Error("no such city"), { statusCode: 404, expose: true })],
    ["an error of http-errors", httpError(422)],
    ["an exception of Hono's", honoException(499)],
    ["an answer", new Response("not for you", { status: 403 })],
  ])(
    "terms that refuse a request, by %s, are left to the framework: nothing is sold, and nobody is alarmed",
    async (_, thrown) => {
      const { paywall, buy, events, lightning } = openShop();
      const authorization = await buy("/a", { price: 10 });
      const before = { events: events.length, invoices: lightning.invoices.length };
      const gate = paywall.gate<undefined>(() => {
        throw thrown;
      });
      for (const asking of [request("/a"), request("/a", { authorization }), request("/a", { method: "HEAD" })]) {
        await expect(gate(asking, undefined)).rejects.toBe(thrown);
      }
      await expect(paywall.gate(() => Promise.reject(thrown))(request("/a"), undefined)).rejects.toBe(thrown);
      expect({ events: events.length, invoices: lightning.invoices.length }).toEqual(before);
      granted(await paywall.check(request("/a", { authorization }), { price: 10 }));
    },
  );

  it.each([
    ["of 500 or more", { status: 500, expose: true }],
    ["below 400", { statusCode: 302, expose: true }],
    ["that is none", { status: "bad", expose: true }],
    ["that is none yet, 4000", { status: 4000, expose: true }],
    ["of an error of ours", new L402Error("TOO_MANY_CHALLENGES")],
  ])("terms that fail with a status %s are a fault of the seller's", async (_, thrown) => {
    const { paywall, events } = openShop();
    const decision = await paywall.gate(() => Promise.reject(thrown))(request("/a"), undefined);
    denied(decision);
    expect(events).toContainEqual(expect.objectContaining({ type: "failed", what: "terms", thrown }));
  });

  const secret = "Incorrect API key provided: sk-proj-SECRET";
  it.each([
    [
      "a status, as API clients do",
      Object.assign(new Error(secret), { status: 404, headers: { "set-cookie": "a=b" } }),
    ],
    ["a statusCode, as API clients do", Object.assign(new Error(secret), { statusCode: 429 })],
    ["expose: false", Object.assign(new Error(secret), { statusCode: 400, expose: false })],
    ["a response of its own, as API clients do", Object.assign(new Error(secret), { response: { status: 400 } })],
    [
      "what was fetched",
      Object.defineProperty(new Response(secret, { status: 404 }), "url", { value: "http://10.0.0.7" }),
    ],
  ])(
    "a 4xx that was not made for the client, with %s, is answered with 500 and none of its words",
    async (_, thrown) => {
      const { paywall, events } = openShop();
      const { reply } = denied(await paywall.gate(() => Promise.reject(thrown))(request("/a"), undefined), "INTERNAL");
      expect(reply.status).toBe(500);
      expect(JSON.stringify(reply)).not.toMatch(/SECRET|set-cookie/i);
      expect(events).toContainEqual(expect.objectContaining({ type: "failed", what: "terms", thrown }));
    },
  );

  it.each([401, 402, 407] as const)(
    "a %i that terms throw speaks of credentials: who paid is answered with 500 instead, and keeps the token",
    async (status) => {
      const { paywall, buy } = openShop();
      const authorization = await buy("/a", { price: 10 });
      for (const thrown of [httpError(status), honoException(status), new Response(null, { status })]) {
        const gate = paywall.gate(() => Promise.reject(thrown));
        expect(denied(await gate(request("/a", { authorization }), undefined), "INTERNAL").reply.status).toBe(500);
      }
      granted(await paywall.check(request("/a", { authorization }), { price: 10 }));
    },
  );

  it("a token format that is down is not the buyer's mistake: 500, and no 401 that makes a client drop its token", async () => {
    const down = () => {
      throw new TypeError("the key server is down");
    };
    const { paywall } = openShop({ tokenFormat: { name: "remote", mint: down, authenticate: down } });
    const authorization = `L402 AAAA:${"00".repeat(32)}`;
    for (const asking of [request("/a"), request("/a", { authorization })]) {
      expect(denied(await paywall.check(asking, { price: 10 }), "INTERNAL").reply.status).toBe(500);
    }
  });

  it("a header function that throws is a denied request too", async () => {
    const { paywall } = openShop();
    const broken = {
      method: "GET",
      path: "/a",
      header: () => {
        throw new Error("broken adapter");
      },
    };
    denied(await paywall.check(broken, { price: 10 }));
  });
});
