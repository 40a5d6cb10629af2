import type { ServerResponse } from "node:http";
import { signInvoice } from "@l402/bolt11/signature";
import { describe, expect, it, vi } from "vitest";
import { createMemoryClientStore } from "../src/index.ts";
import { ask, openSeller } from "./seller.ts";

/** The error of a purchase that must not happen. */
async function refusal(seller: Awaited<ReturnType<typeof openSeller>>, options = {}) {
  const error = await seller
    .client(options)
    .fetch(seller.url)
    .catch((thrown) => thrown);
  expect(seller.lightning.calls.payInvoice).toBe(0);
  expect(error).toMatchObject({ name: "L402Error", fundsMoved: "no" });
  return error;
}

describe("a seller that lies about the price", () => {
  it("cannot overcharge with a lying price in the body or a header", async () => {
    const seller = await openSeller({
      sats: 100_000,
      challenge: (sale, _, response) => {
        response.setHeader("x-price", "1");
        ask(response, sale, { priceSats: 1, price: 1, amount: 1, amountSats: 1, invoice: sale.bolt11 });
      },
    });
    const error = await refusal(seller);
    expect(error).toMatchObject({ code: "BUDGET_EXCEEDED" });
    expect(error.message).toContain("this costs 100000 sats");
  });

  it.each([undefined, null, -5, "0", Number.NaN, {}])("cannot overcharge with the price %s", async (priceSats) => {
    const seller = await openSeller({
      sats: 100_000,
      challenge: (sale, _, response) => ask(response, sale, { priceSats, invoice: sale.bolt11, macaroon: sale.token }),
    });
    expect(await refusal(seller)).toMatchObject({ code: "BUDGET_EXCEEDED" });
  });

  it("can ask for more bitcoin than a number can count", async () => {
    const paymentHash = "11".repeat(32);
    const fields = { network: "regtest", paymentHash, paymentSecret: paymentHash, description: "all of it" } as const;
    const bolt11 = signInvoice({ ...fields, timestamp: new Date(), amountMsat: 10n ** 16n }, "22".repeat(32));
    const seller = await openSeller({
      challenge: (_, __, response) => ask(response, { bolt11, token: "anything" }),
    });
    const buyer = { budget: { perRequestSats: Number.MAX_SAFE_INTEGER }, clock: () => new Date() };
    expect(await refusal(seller, buyer)).toMatchObject({
      code: "BUDGET_EXCEEDED",
      message: "The amount is above any limit.",
    });
  });

  it("can ask for nothing where the limit is zero", async () => {
    expect(await refusal(await openSeller({ sats: 1 }), { budget: { perRequestSats: 0 } })).toMatchObject({
      code: "BUDGET_EXCEEDED",
    });
  });

  it("is paid what the invoice says where the body asks for more", async () => {
    const seller = await openSeller({ challenge: (sale, _, response) => ask(response, sale, { priceSats: 999_999 }) });
    expect((await seller.client().fetch(seller.url)).status).toBe(200);
    expect(seller.lightning.payments).toMatchObject([{ amountMsat: 10_000 }]);
  });

  it("rounds nothing down: 10 sats and 1 msat do not fit into 10 sats", async () => {
    const seller = await openSeller({ sats: 10.001 });
    expect(await refusal(seller, { budget: { perRequestSats: 10 } })).toMatchObject({ code: "BUDGET_EXCEEDED" });
  });

  it("changes its price: the invoice that is paid is the one that was checked", async () => {
    const prices = [10, 5000];
    const seller = await openSeller({
      challenge: async (sale, _, response) => {
        const amountMsat = (prices[sale.count] ?? 5000) * 1000;
        const { bolt11 } = await seller.lightning.provider.createInvoice({
          amountMsat,
          description: "",
          expiresInSeconds: 60,
        });
        ask(response, { ...sale, bolt11 });
      },
      redeem: (_, response) => response.writeHead(401).end(),
    });
    const buyer = seller.client();
    await expect(buyer.fetch(seller.url)).rejects.toMatchObject({ code: "PAYMENT_REJECTED" });
    await buyer.forget(seller.origin);
    await expect(buyer.fetch(seller.url)).rejects.toMatchObject({ code: "BUDGET_EXCEEDED" });
    expect(seller.lightning.payments).toMatchObject([{ amountMsat: 10_000 }]);
  });
});

describe("an invoice that must not be paid", () => {
  it("has no amount", async () => {
    const seller = await openSeller();
    seller.lightning.next("createInvoice", "amountless");
    expect(await refusal(seller)).toMatchObject({ code: "AMOUNT_MISSING" });
  });

  it("is for zero", async () => {
    const zero = (bolt11: string) => bolt11.replace(/^lnbcrt\d+[munp]?1/, "lnbcrt0n1");
    const seller = await openSeller({
      challenge: (sale, _, response) => ask(response, { ...sale, bolt11: zero(sale.bolt11) }),
    });
    expect(["AMOUNT_MISSING", "INVOICE_MALFORMED"]).toContain((await refusal(seller)).code);
  });

  it("is for another network than the wallet's: a mainnet invoice to a regtest wallet", async () => {
    // From BOLT 11's own examples: 250 000 sats on mainnet.
    const bolt11 =
      "lnbc2500u1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxatsyp3k7enxv4jsxqzpusp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygs9qrsgqu7n2c3uvhqfcmjsnxwcmwp8nfgt6r5q4dkdqrt5r6k3ldcydqr0kwvf9erx3vmk9ll2uwjg7zejcnzuc8p3ww2yln87qa49q9fyq0pgqnjpx9z";
    const seller = await openSeller({ challenge: (sale, _, response) => ask(response, { ...sale, bolt11 }) });
    const error = await refusal(seller);
    expect(["NETWORK_MISMATCH", "INVOICE_MALFORMED"]).toContain(error.code);
    seller.lightning.next("createInvoice", "wrong-network");
  });

  it("is for testnet, and the wallet is on regtest", async () => {
    const seller = await openSeller();
    seller.lightning.next("createInvoice", "wrong-network");
    const error = await refusal(seller);
    expect(error).toMatchObject({ code: "NETWORK_MISMATCH" });
    expect(error.message).toBe("The invoice is for testnet, and the client for regtest.");
  });

  it("has expired", async () => {
    const seller = await openSeller();
    seller.lightning.next("createInvoice", "already-expired");
    expect(await refusal(seller)).toMatchObject({ code: "INVOICE_EXPIRED", retryable: true });
  });

  it("expires within seconds, so that the payment could come too late", async () => {
    const seller = await openSeller({
      challenge: (sale, _, response) => {
        seller.clock.advanceSeconds(596);
        ask(response, sale);
      },
    });
    expect(await refusal(seller)).toMatchObject({ code: "INVOICE_EXPIRED" });
  });

  // Examples of the specification.
  it.each([
    [
      "asks for a feature that no payer knows",
      "lnbc25m1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5vdhkven9v5sxyetpdeessp5zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zyg3zygs9q4psqqqqqqqqqqqqqqqqsgqtqyx5vggfcsll4wu246hz02kp85x4katwsk9639we5n5yngc3yhqkm35jnjw4len8vrnqnf5ejh0mzj9n3vz2px97evektfm2l6wqccp3y7372",
    ],
    [
      "has no payment secret",
      "lnbc20m1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqhp58yjmdan79s6qqdhdzgynm4zwqd5d7xmw5fk98klysy043l2ahrqs9qrsgq7ea976txfraylvgzuxs8kgcw23ezlrszfnh8r6qtfpr6cxga50aj6txm9rxrydzd06dfeawfk6swupvz4erwnyutnjq7x39ymw6j38gp49qdkj",
    ],
  ])("%s", async (_, bolt11) => {
    const seller = await openSeller({ challenge: (sale, _, response) => ask(response, { ...sale, bolt11 }) });
    expect(await refusal(seller)).toMatchObject({ code: "INVOICE_MALFORMED" });
  });

  it("is the invoice of another seller that was paid before, by another process too", async () => {
    let challenge = { bolt11: "", token: "" };
    const honest = await openSeller({
      challenge: (sale, _, response) => {
        challenge = sale;
        ask(response, sale, { uses: 5 });
      },
    });
    const thief = await openSeller({
      challenge: (_, __, response) => ask(response, { bolt11: challenge.bolt11, token: "anything" }),
    });
    const store = createMemoryClientStore();
    expect((await honest.client({ store }).fetch(honest.url)).status).toBe(200);
    const asked: unknown[] = [];
    const restarted = honest.client({ store, approve: (quote) => asked.push(quote) > 0 });
    await expect(restarted.fetch(thief.url)).rejects.toMatchObject({
      code: "INVOICE_MISMATCH",
      hint: "This request paid nothing. Repeat the request to get a new invoice.",
      fundsMoved: "no",
    });
    expect(asked).toEqual([]);
    expect(thief.seen.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(await restarted.spending()).toMatchObject({ totalMsat: 10_000, pendingMsat: 0 });
    // The rest of the credential is still good at the honest seller.
    expect((await restarted.fetch(honest.url)).status).toBe(200);
    expect(honest.lightning.calls.payInvoice).toBe(1);
  });

  it("has a wrong checksum, or is no invoice", async () => {
    for (const bolt11 of ["lnbcrt100n1junk", "hello", "lnbcrt1", "x".repeat(9000)]) {
      const seller = await openSeller({ challenge: (sale, _, response) => ask(response, { ...sale, bolt11 }) });
      expect(await refusal(seller)).toMatchObject({ code: "INVOICE_MALFORMED" });
    }
    const seller = await openSeller({
      challenge: (sale, _, response) => ask(response, { ...sale, bolt11: sale.bolt11.replace(/.$/, "q") }),
    });
    const last = await seller
      .client()
      .fetch(seller.url)
      .catch((error) => error);
    expect(["INVOICE_MALFORMED", undefined]).toContain(last.code);
  });
});

describe("a seller that takes the money and gives nothing", () => {
  it("always answers 402, and gets one payment at most", async () => {
    const seller = await openSeller({ redeem: (_, response) => ask(response, { bolt11: "lnbcrt1x", token: "t" }) });
    const error = await seller
      .client()
      .fetch(seller.url)
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "PAYMENT_REJECTED", fundsMoved: "yes", retryable: false });
    expect(error.message).toContain(seller.lightning.payments[0]?.paymentHash);
    expect(seller.lightning.payments).toHaveLength(1);
    expect(seller.seen).toHaveLength(2);
  });

  it.each([401, 402])("gets nothing more, however often it is asked, until the buyer says so (%i)", async (status) => {
    const seller = await openSeller({ redeem: (_, response) => response.writeHead(status).end() });
    const store = createMemoryClientStore();
    const buyer = seller.client({ store });
    for (let i = 0; i < 5; i++) {
      await expect(buyer.fetch(seller.url)).rejects.toMatchObject({ code: "PAYMENT_REJECTED", fundsMoved: "yes" });
    }
    const others = await Promise.allSettled(Array.from({ length: 20 }, () => buyer.fetch(`${seller.url}?again`)));
    expect(others.map((each) => each.status === "rejected" && each.reason.code)).toEqual(
      Array(20).fill("PAYMENT_REJECTED"),
    );
    await expect(seller.client({ store }).fetch(seller.url)).rejects.toMatchObject({ code: "PAYMENT_REJECTED" });
    expect(seller.lightning.payments).toHaveLength(1);
    expect(await buyer.forget(seller.origin)).toBe(1);
    await expect(buyer.fetch(seller.url)).rejects.toMatchObject({ code: "PAYMENT_REJECTED" });
    expect(seller.lightning.payments).toHaveLength(2);
  });

  it("gets one payment from a hundred who want the same", async () => {
    for (const uses of ["unlimited", 500, undefined]) {
      const seller = await openSeller({
        challenge: (sale, _, response) => ask(response, sale, { uses }),
        redeem: (_, response) => response.writeHead(402).end(),
      });
      const buyer = seller.client();
      const all = await Promise.allSettled(Array.from({ length: 100 }, () => buyer.fetch(seller.url)));
      const codes = new Set(all.map((outcome) => outcome.status === "rejected" && outcome.reason.code));
      expect(codes).toEqual(new Set(["PAYMENT_REJECTED"]));
      expect(seller.lightning.payments).toHaveLength(1);
    }
  });

  it.each(["CREDENTIAL_UNDERPAID", "CREDENTIAL_WRONG_RESOURCE"])(
    "gets nothing more by calling what it sold good for others (%s)",
    async (code) => {
      const refuse = (response: ServerResponse) =>
        response.writeHead(402, { "content-type": "application/json" }).end(JSON.stringify({ code }));
      const seller = await openSeller({ redeem: (_, response) => refuse(response) });
      const store = createMemoryClientStore();
      for (let i = 0; i < 8; i++) {
        const url = `${seller.url}?page=${i >> 1}`;
        await expect(seller.client({ store }).fetch(url)).rejects.toMatchObject({ code: "PAYMENT_REJECTED" });
      }
      expect(seller.lightning.payments).toHaveLength(1);

      // A seller that breaks the connection to each paying request gets two payments at most.
      const shown = new Set<unknown>();
      const breaking = await openSeller({
        redeem: ({ headers: { authorization } }, response) => {
          if (shown.has(authorization)) refuse(response);
          else response.destroy();
          shown.add(authorization);
        },
      });
      const buyer = breaking.client();
      for (let i = 0; i < 8; i++) {
        await expect(buyer.fetch(breaking.url)).rejects.toMatchObject({ code: "PAYMENT_REJECTED" });
      }
      expect(breaking.lightning.payments).toHaveLength(2);
    },
  );

  it("is shown the credential once more before anything else is paid", async () => {
    let isSlow = true;
    const seller = await openSeller({
      redeem: (_, response) => response.writeHead(isSlow ? 402 : 200).end(),
    });
    const buyer = seller.client();
    await expect(buyer.fetch(seller.url)).rejects.toMatchObject({ code: "PAYMENT_REJECTED" });
    isSlow = false;
    expect((await buyer.fetch(seller.url)).status).toBe(200);
    expect(seller.lightning.payments).toHaveLength(1);
  });

  it("sells the same invoice twice, and is not paid twice", async () => {
    let first: string | undefined;
    const seller = await openSeller({
      challenge: (sale, _, response) => {
        first ??= sale.bolt11;
        ask(response, { ...sale, bolt11: first }, { uses: 1 });
      },
    });
    const buyer = seller.client();
    expect((await buyer.fetch(seller.url)).status).toBe(200);
    const [paid] = seller.lightning.payments;
    await expect(buyer.fetch(seller.url)).rejects.toMatchObject({
      code: "CHALLENGE_MALFORMED",
      message: `${seller.origin} asks again for payment ${paid?.paymentHash}, which was already made.`,
      hint: "This request paid nothing. Tell the seller.",
      fundsMoved: "no",
    });
    expect(await buyer.spending()).toMatchObject({ totalMsat: 10_000 });
    expect(seller.lightning.calls.payInvoice).toBe(1);
  });

  it("hands one invoice to two who ask at once: they pay one each, or the second asks again", async () => {
    let first: string | undefined;
    const seller = await openSeller({
      challenge: (sale, _, response) => {
        // The first two requests get the same invoice.
        first ??= sale.bolt11;
        ask(response, sale.count < 2 ? { ...sale, bolt11: first } : sale, { uses: 1 });
      },
    });
    const buyer = seller.client();
    const both = await Promise.all([buyer.fetch(seller.url), buyer.fetch(seller.url)]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(seller.lightning.payments).toHaveLength(2);
  });

  it("keeps asking for a moment, and is asked four times and no more", async () => {
    const timers = vi.useFakeTimers({ toFake: ["setTimeout"] });
    const seller = await openSeller({
      redeem: (_, response) => response.writeHead(402, { "retry-after": "1" }).end(),
    });
    const done = expect(seller.client().fetch(seller.url)).rejects.toMatchObject({ code: "PAYMENT_REJECTED" });
    for (let shown = 1; shown < 5; shown++) {
      await vi.waitFor(() => expect(seller.seen).toHaveLength(1 + shown), { interval: 1 });
      await vi.waitFor(() => expect(timers.getTimerCount()).toBeGreaterThan(0), { interval: 1 }).catch(() => {});
      await timers.advanceTimersByTimeAsync(1_000);
    }
    await done;
    timers.useRealTimers();
    expect(seller.seen).toHaveLength(5);
    expect(seller.lightning.payments).toHaveLength(1);
  });

  it("is told apart from one whose line breaks: the credential is kept, and the error says so", async () => {
    let breaks = true;
    const seller = await openSeller({
      redeem: (_, response) => (breaks ? response.destroy() : response.end("goods")),
    });
    const buyer = seller.client();
    const error = await buyer.fetch(seller.url).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "PAYMENT_REJECTED", fundsMoved: "yes", retryable: true });
    expect(error.hint).toContain("pays nothing");
    breaks = false;
    expect(await (await buyer.fetch(seller.url)).text()).toBe("goods");
    expect(seller.lightning.payments).toHaveLength(1);
  });
});

describe("an answer that is not what it seems", () => {
  it("is a 200 with a challenge in its header: nothing is paid", async () => {
    const seller = await openSeller({
      challenge: ({ bolt11, token }, _, response) => {
        response.setHeader("www-authenticate", `L402 macaroon="${token}", invoice="${bolt11}"`);
        response.end("free");
      },
    });
    expect(await (await seller.client().fetch(seller.url)).text()).toBe("free");
    expect(seller.lightning.calls.payInvoice).toBe(0);
  });

  it.each([401, 403, 429, 500])("is a %i with a challenge: it goes to the caller", async (status) => {
    const seller = await openSeller({
      challenge: ({ bolt11, token }, _, response) => {
        response.writeHead(status, { "www-authenticate": `L402 macaroon="${token}", invoice="${bolt11}"` }).end();
      },
    });
    expect((await seller.client().fetch(seller.url)).status).toBe(status);
    expect(seller.lightning.calls.payInvoice).toBe(0);
  });

  it("is a 402 of somebody else's protocol: it goes to the caller unread", async () => {
    const seller = await openSeller({
      challenge: (_, __, response) => {
        response.writeHead(402, { "content-type": "application/json", "payment-required": "e30=" }).end('{"x402":2}');
      },
    });
    const response = await seller.client().fetch(seller.url);
    expect(response.status).toBe(402);
    expect(await response.json()).toEqual({ x402: 2 });
  });

  it("has giant headers", async () => {
    const seller = await openSeller({
      challenge: ({ bolt11, token }, _, response) => {
        response.setHeader(
          "www-authenticate",
          `L402 macaroon="${token}", invoice="${bolt11}", x="${"x".repeat(17_000)}"`,
        );
        response.writeHead(402).end();
      },
    });
    await expect(seller.client().fetch(seller.url)).rejects.toMatchObject({
      name: "TypeError",
      cause: { code: "UND_ERR_HEADERS_OVERFLOW" },
    });
    expect(seller.lightning.calls.payInvoice).toBe(0);
    // If the platform accepts such a long header, the client refuses it.
    const fetch = async () =>
      new Response("", { status: 402, headers: { "www-authenticate": "L402 ".padEnd(20_000, "x") } });
    expect(await refusal(seller, { fetch })).toMatchObject({ code: "CHALLENGE_MALFORMED" });
  });

  it("has a hundred challenges in one header", async () => {
    const seller = await openSeller({
      challenge: ({ bolt11 }, _, response) => {
        const header = Array.from({ length: 100 }, (_, i) => `L402 macaroon="${i}", invoice="${bolt11.slice(0, 60)}"`);
        response.writeHead(402, { "www-authenticate": header.join(", ") }).end();
      },
    });
    expect(await refusal(seller)).toMatchObject({ code: "CHALLENGE_MALFORMED" });
  });

  it("has a body that never ends, sent drop by drop (slow-loris)", async () => {
    const timers = vi.useFakeTimers({ toFake: ["setTimeout"] });
    const setTimer = vi.spyOn(globalThis, "setTimeout");
    const seller = await openSeller({
      challenge: ({ bolt11, token }, _, response) => {
        response.writeHead(402, { "content-type": "application/json" });
        response.write(JSON.stringify({ bolt11, token }).slice(0, -1));
      },
    });
    const fetching = seller.client().fetch(seller.url);
    // Not any timer, as `fetch` has one of its own.
    await vi.waitFor(() => expect(setTimer).toHaveBeenCalledWith(expect.anything(), 5_000), 20_000);
    await timers.advanceTimersByTimeAsync(5_000);
    timers.useRealTimers();
    expect((await fetching).status).toBe(402);
    expect(seller.lightning.calls.payInvoice).toBe(0);
  });

  it("has a body of many megabytes", async () => {
    const seller = await openSeller({
      challenge: ({ bolt11, token }, _, response) => {
        response.writeHead(402, { "content-type": "application/json" });
        const padding = " ".repeat(1 << 20);
        const send = () => void (response.destroyed || response.write(padding, () => setImmediate(send)));
        response.write(JSON.stringify({ invoice: bolt11, token }).slice(0, -1));
        send();
      },
    });
    const response = await seller.client().fetch(seller.url);
    expect(response.status).toBe(402);
    await response.body?.cancel();
    expect(seller.lightning.calls.payInvoice).toBe(0);
  });

  it("has a token that would break out of the header", async () => {
    for (const token of ["a:b", "a b", 'a"b\\', "", "ä", "x".repeat(9000)]) {
      const seller = await openSeller({
        challenge: ({ bolt11 }, _, response) => {
          response.writeHead(402, { "content-type": "application/json" });
          response.end(JSON.stringify({ token: token.replace('a"b\\', "a\r\nb"), invoice: bolt11 }));
        },
      });
      const outcome = await seller
        .client()
        .fetch(seller.url)
        .catch((error) => error);
      expect([402, undefined]).toContain(outcome.status);
      if (outcome.status !== 402) expect(outcome).toMatchObject({ code: "CHALLENGE_MALFORMED" });
      expect(seller.lightning.calls.payInvoice).toBe(0);
    }
  });
});

describe("plain HTTP", () => {
  it("is refused, because anybody on the way could take the credential", async () => {
    const seller = await openSeller();
    const fetch: typeof globalThis.fetch = async (_, init) => globalThis.fetch(seller.url, init);
    const asking = seller.client({ fetch: async (...args) => plain(await fetch(...args)) });
    await expect(asking.fetch("http://shop.example/goods")).rejects.toMatchObject({
      code: "INSECURE_ORIGIN",
      fundsMoved: "no",
    });
    await expect(asking.fetch("http://app.localhost/goods")).rejects.toMatchObject({ code: "INSECURE_ORIGIN" });
    expect(seller.lightning.calls.payInvoice).toBe(0);
    for (const url of [
      "https://shop.example/goods",
      "http://localhost/goods",
      "http://127.0.0.2/x",
      "http://[::1]/x",
    ]) {
      expect((await asking.fetch(url)).status).toBe(200);
    }
    const allowed = seller.client({
      fetch: async (...args) => plain(await fetch(...args)),
      insecureOrigins: ["http://shop.example"],
    });
    expect((await allowed.fetch("http://shop.example/goods")).status).toBe(200);
  });

  /** A response without its URL. */
  const plain = (response: Response) => new Response(response.body, response);
});
