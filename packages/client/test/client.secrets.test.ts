import { inspect } from "node:util";
import type { LightningWallet } from "@l402/core";
import { describe, expect, it } from "vitest";
import { createMemoryClientStore, type L402ClientOptions } from "../src/index.ts";
import { openSeller, type SellerHabits } from "./seller.ts";
import { openShop, SHOP } from "./shop.ts";

/** Everything of an error that a program might print. */
function textOf(error: unknown): string {
  const seen: string[] = [];
  for (let each = error as Error | undefined; each; each = each.cause as Error | undefined) {
    seen.push(inspect(each, { depth: 20, showHidden: true }), JSON.stringify(each), String(each), String(each.stack));
  }
  return seen.join("\n");
}

/** Makes a purchase fail in some way. Returns the errors, and the secrets that they must not contain. */
async function failWith(habits: SellerHabits, options: Partial<L402ClientOptions> = {}) {
  const secrets: string[] = [];
  const errors: unknown[] = [];
  const seller = await openSeller({
    ...habits,
    redeem: (request, response) => {
      const [token = "", preimage = ""] = request.headers.authorization?.slice(5).split(":") ?? [];
      secrets.push(token, preimage);
      return habits.redeem?.(request, response);
    },
  });
  const store = createMemoryClientStore();
  const buyer = seller.client({ store, onError: (error) => errors.push(error), ...options });
  for (let i = 0; i < 2; i++) await buyer.fetch(seller.url).catch((error) => errors.push(error));
  const state = JSON.parse((await store.read()) ?? "{}");
  for (const credential of Object.values(state.credentials ?? {}).flat() as { token: string; preimage: string }[]) {
    secrets.push(credential.token, credential.preimage);
  }
  return { errors, secrets: secrets.filter(Boolean), seller };
}

describe("no error shows a token or a preimage", () => {
  it.each<[string, SellerHabits["redeem"]]>([
    ["the seller refuses", (_, response) => response.writeHead(402).end()],
    [
      "the seller repeats the credential in its refusal",
      (request, response) =>
        response.writeHead(402, { "x-echo": request.headers.authorization }).end(request.headers.authorization),
    ],
    ["the line breaks", (_, response) => response.destroy()],
    [
      "the answer is no HTTP",
      (request, response) => response.socket?.end(`junk ${request.headers.authorization}\r\n\r\n`),
    ],
    [
      "it redirects to the credential",
      (request, response) =>
        response.writeHead(302, { location: `http://127.0.0.1:1/${request.headers.authorization}` }).end(),
    ],
    [
      "it redirects to a broken address",
      (request, response) => response.writeHead(302, { location: `http://[${request.headers.authorization}` }).end(),
    ],
    ["it redirects in circles", (_, response) => response.writeHead(302, { location: "/goods" }).end()],
  ])("where %s", async (_, redeem) => {
    const { errors, secrets } = await failWith({ redeem });
    expect(errors.length).toBeGreaterThan(0);
    expect(secrets.length).toBeGreaterThan(0);
    for (const error of errors) for (const secret of secrets) expect(textOf(error)).not.toContain(secret);
  });

  it("where a fetch throws an error that holds the request", async () => {
    const { client, fetchShop } = openShop();
    let secret = "";
    const leaky: typeof fetch = async (input, init) => {
      const request = new Request(input, init);
      secret = request.headers.get("authorization") ?? "";
      if (!secret) return fetchShop(request);
      throw Object.assign(new Error(`failed: ${secret}`), { request: secret, cause: { code: "ECONNRESET", secret } });
    };
    const error = await client({ fetch: leaky })
      .fetch(`${SHOP}/weather`)
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "PAYMENT_REJECTED", retryable: true });
    expect(error.message).toContain("ECONNRESET");
    const [token = "", preimage = ""] = secret.slice(5).split(":");
    expect(token).not.toBe("");
    for (const text of [token, preimage]) expect(textOf(error)).not.toContain(text);
  });

  it("where a fetch's error has a name or a code that is the credential", async () => {
    const { client, fetchShop } = openShop();
    let secret = "";
    const leaky: typeof fetch = async (input, init) => {
      const request = new Request(input, init);
      secret = request.headers.get("authorization") ?? "";
      if (!secret) return fetchShop(request);
      throw Object.assign(new Error(), { name: secret, cause: { code: secret } });
    };
    const error = await client({ fetch: leaky })
      .fetch(`${SHOP}/weather`)
      .catch((thrown) => thrown);
    expect(textOf(error)).not.toContain(secret.slice(5, 60));
  });

  it("where it was shown before: a later error of the network is passed on as it is, so it may not hold it", async () => {
    let breaks = false;
    const { errors, secrets } = await failWith({
      redeem: (_, response) => {
        if (breaks) return response.destroy();
        breaks = true;
        response.end("goods");
      },
    });
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) for (const secret of secrets) expect(textOf(error)).not.toContain(secret);
  });
});

describe("no error shows what others said in confidence", () => {
  it("of a wallet: its words are cut, and its keys are not repeated", async () => {
    const key =
      "nostr+walletconnect://b889ff5b1513b641e2a139f661a661364979c5beee91842f8f0ef42ab558e9d4?secret=71a8c14c1407c113601079c4302dab36460f0ccd0ad506f1f2dc73b5100e4f3c";
    const answers: Partial<LightningWallet>[] = [
      { payInvoice: async () => ({ status: "failed", reason: `no: ${key}` }) },
      { payInvoice: async () => ({ status: "unknown", reason: `no: ${key}\u001b[2J` }) },
      { payInvoice: async () => Promise.reject(new Error(key)) },
      { payInvoice: async () => ({ status: "failed", reason: { key } as never }) },
      { payInvoice: async () => ({ status: "failed", reason: "no route", error: new Error(key) }) },
      { payInvoice: async () => ({ status: "failed", reason: "x ".repeat(10_000) }) },
    ];
    for (const answer of answers) {
      const { client, lightning } = openShop();
      const wallet = { ...lightning.wallet, ...answer };
      const error = await client({ wallet })
        .fetch(`${SHOP}/weather`)
        .catch((thrown) => thrown);
      expect(["PAYMENT_FAILED", "PAYMENT_OUTCOME_UNKNOWN"]).toContain(error.code);
      expect(textOf(error)).not.toContain("71a8c14c");
      expect(error.message).not.toContain("\u001b");
      expect(error.message.length).toBeLessThan(500);
    }
  });

  it("of a store", async () => {
    const { client } = openShop();
    for (const store of [
      { read: () => Promise.reject(new Error("redis://user:hunter2@db")), update: async () => {} },
      {
        read: () => {
          throw new Error("redis://user:hunter2@db");
        },
        update: async () => {},
      },
      { read: () => undefined, update: () => Promise.reject(new Error("redis://user:hunter2@db")) },
    ]) {
      const error = await client({ store })
        .fetch(`${SHOP}/weather`)
        .catch((thrown) => thrown);
      expect(error).toMatchObject({ code: "STORE_UNAVAILABLE", fundsMoved: "no" });
      expect(textOf(error)).not.toContain("hunter2");
    }
  });

  it("and no list of purchases, no quote and no report of spending does", async () => {
    const quotes: unknown[] = [];
    const { client } = openShop({ "/weather": { terms: { price: 10, uses: 5 } } });
    const store = createMemoryClientStore();
    const buyer = client({
      store,
      onPayment: (payment) => quotes.push(payment),
      onChallenge: (quote) => quotes.push(quote),
    });
    quotes.push(await buyer.quote(`${SHOP}/weather`));
    const response = await buyer.fetch(`${SHOP}/weather`);
    const shown = textOf([quotes, await buyer.purchases(), await buyer.spending(), buyer.paymentOf(response), buyer]);
    const [credential] = Object.values(JSON.parse(String(store.read())).credentials).flat() as Record<string, string>[];
    expect(quotes).toHaveLength(3);
    for (const secret of [credential?.token, credential?.preimage]) {
      expect(secret).toBeTruthy();
      expect(shown).not.toContain(secret);
    }
  });
});

describe("what a seller wrote", () => {
  it("reaches a person's screen in one line, without control characters, and cut", async () => {
    const { lightning, client, url } = await openSeller({
      challenge: async ({ token }, _, response) => {
        const { bolt11 } = await lightning.provider.createInvoice({
          amountMsat: 10_000,
          description: "pay\u001b[31m me\r\n now \u202e\u0000!",
          expiresInSeconds: 600,
        });
        response.writeHead(402, {
          "www-authenticate": `L402 macaroon="${token}", invoice="${bolt11}"`,
          "content-type": "application/json",
        });
        response.end(JSON.stringify({ resource: `\u001b]0;title\u0007${"x".repeat(5000)}` }));
      },
    });
    const quote = await client().quote(url);
    expect(quote?.description).toBe("pay [31m me  now  !");
    expect(quote?.resource).toMatch(/^ \]0;title x+$/);
    expect(quote?.resource?.length).toBe(1024);
  });
});
