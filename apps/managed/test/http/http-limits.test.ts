import { once } from "node:events";
import { connect } from "node:net";
import { fakeClock } from "@l402/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../src/database/database.ts";
import { clientAddress } from "../../src/http/client-address.ts";
import { serverFor } from "../../src/http/listen.ts";
import { createRateLimits } from "../../src/http/rate-limits.ts";
import { openTestDatabase } from "../postgres/open-test-database.ts";
import { type Served, serve } from "./served.ts";

let served: Served;
let apiKey: string;
beforeAll(async () => {
  served = await serve();
  ({ apiKey } = await served.signUp());
});
afterAll(() => served.close());

/** Sends bytes as they are; answers what comes back until the end. */
async function raw(text: string, more: (socket: ReturnType<typeof connect>) => void = () => {}): Promise<string> {
  const socket = connect(Number(new URL(served.url).port), "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (chunk) => {
    answer += chunk;
  });
  socket.on("error", () => {});
  socket.write(text);
  more(socket);
  await once(socket, "close");
  return answer;
}

describe("a body", () => {
  it("of 16 KiB is read, and one byte more is refused", async () => {
    const of = (bytes: number) => {
      const json = JSON.stringify({ amountMsat: 1_000, description: "" });
      return `${json}${" ".repeat(bytes - json.length)}`;
    };
    expect((await served.ask("/v1/invoices", { key: apiKey, body: of(16_384) })).status).toBe(201);
    const { status, body } = await served.ask("/v1/invoices", { key: apiKey, body: of(16_385) });
    expect([status, body.code]).toEqual([413, "BODY_TOO_LARGE"]);
  });

  it("that comes in chunks is counted as it comes", async () => {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent += 1_024;
        controller.enqueue(new Uint8Array(1_024).fill(32));
        if (sent > 50_000_000) controller.close();
      },
    });
    const answer = await served.ask("/v1/invoices", { key: apiKey, body: endless }).catch(() => undefined);
    // The connection may be cut before the answer is read.
    if (answer) expect(answer.status).toBe(413);
    expect(sent).toBeLessThan(5_000_000);
  });

  it("of a webhook ends as well", async () => {
    const { status } = await served.ask("/webhooks", { body: "0".repeat(65_537) });
    expect(status).toBe(413);
  });

  it("that lies about its length moves nothing", async () => {
    const head = `POST /v1/invoices HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${apiKey}\r\nConnection: close\r\n`;
    const json = '{"amountMsat":1000}';
    const smuggled = "GET /v1/balance HTTP/1.1\r\nHost: a\r\n\r\n";
    const both = await raw(`${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`);
    expect(both).toMatch(/^HTTP\/1.1 400/);
    const longer = await raw(`${head}Content-Length: ${json.length - 5}\r\n\r\n${json}`);
    expect(longer).toMatch(/^HTTP\/1.1 400/);
  });
});

describe("a sender", () => {
  it("who leaves in the middle of a body is nobody's error", async () => {
    const head = `POST /v1/invoices HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${apiKey}\r\nContent-Length: 500\r\n\r\n`;
    await raw(`${head}{"amountMsat":1`, (socket) => setTimeout(() => socket.destroy(), 50));
    await served.ask("/health");
    expect(served.errors).toEqual([]);
  });
});

describe("a request", () => {
  it("with a header of 20 KiB is refused", async () => {
    const answer = await raw(`GET / HTTP/1.1\r\nHost: a\r\nX-Large: ${"x".repeat(20_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 431/);
  });

  it("of a slow sender is given up: there is a limit for its head and for all of it", async () => {
    // Node looks at them every half minute, which is too long for a test: that they are set has to do.
    const server = serverFor(() => new Response("ok"));
    expect(server).toMatchObject({ requestTimeout: 15_000, headersTimeout: 10_000 });
  });

  it("that takes too long is answered, and what it began is not undone", async () => {
    const hasty = await serve({}, { timeLimitSeconds: 3 });
    try {
      const { apiKey: key } = await hasty.signUp();
      hasty.node.next("createInvoice", "hang");
      const { status, body, headers } = await hasty.ask("/v1/invoices", { key, json: { amountMsat: 1_000 } });
      expect([status, body.code, headers.get("retry-after")]).toEqual([503, "NODE_UNAVAILABLE", "5"]);
      expect(body.detail).toContain("Check the result before you try again");
    } finally {
      await hasty.close();
    }
  });
});

describe("the limits of requests", () => {
  it("are so many a second, and four times that at once, for each", () => {
    const clock = fakeClock();
    const limits = createRateLimits(10, clock);
    const taken = (who: string, cost?: number) => {
      try {
        limits.take(who, cost);
        return true;
      } catch {
        return false;
      }
    };
    const many = (who: string) => Array.from({ length: 50 }, () => taken(who)).filter(Boolean).length;
    expect(many("anna")).toBe(40);
    expect(taken("bob")).toBe(true);
    clock.advanceSeconds(1);
    expect(many("anna")).toBe(10);
    clock.advanceSeconds(60);
    expect([taken("anna", 1_000), taken("anna")]).toEqual([true, false]);
    // A clock that is set back locks nobody out.
    clock.advanceSeconds(-3_600);
    expect(taken("anna")).toBe(false);
    clock.advanceSeconds(4);
    expect(many("anna")).toBe(40);
  });

  describe("over HTTP, while the clock stands still", () => {
    let slow: Served;
    beforeAll(async () => {
      slow = await serve({ requestsPerSecond: 10 });
    });
    afterAll(() => slow.close());
    afterEach(() => slow.clock.advanceSeconds(10));

    /** How often each status came, of fifty requests. */
    async function statuses(ask: (i: number) => Promise<{ status: number }>) {
      const counts: Record<number, number> = {};
      for (let i = 0; i < 50; i++) {
        const { status } = await ask(i);
        counts[status] = (counts[status] ?? 0) + 1;
      }
      return counts;
    }

    it("they say when to come back, and one merchant's are not another's", async () => {
      const anna = await slow.signUp();
      slow.clock.advanceSeconds(10);
      const bob = await slow.signUp();
      const answers = [];
      for (let i = 0; i < 41; i++) answers.push(await slow.ask("/v1/balance", { key: anna.apiKey }));
      expect(answers.map(({ status }) => status)).toEqual([...Array(40).fill(200), 429]);
      const refused = answers.at(-1);
      expect([refused?.body.code, refused?.headers.get("retry-after")]).toEqual(["TOO_MANY_REQUESTS", "1"]);
      expect((await slow.ask("/v1/balance", { key: bob.apiKey })).status).toBe(200);
    });

    it("many keys of one client are four merchants' worth, and one merchant has all of its own", async () => {
      const keys: string[] = [];
      for (let i = 0; i < 8; i++) {
        keys.push((await slow.signUp()).apiKey);
        slow.clock.advanceSeconds(10);
      }
      const passed = await Promise.all(
        keys.map(async (key) => (await statuses(() => slow.ask("/v1/balance", { key })))[200] ?? 0),
      );
      expect(passed.reduce((sum, count) => sum + count)).toBe(160);
      slow.clock.advanceSeconds(10);
      expect(await statuses(() => slow.ask("/v1/balance", { key: keys[0] as string }))).toEqual({ 200: 40, 429: 10 });
      // Refusals of one leave the others theirs, and keys leave nothing to be wanted without one.
      expect(await statuses(() => slow.ask("/v1/balance", { key: keys[1] as string }))).toEqual({ 200: 40, 429: 10 });
      expect(await statuses(() => slow.ask("/health"))).toEqual({ 200: 40, 429: 10 });
    });

    it("registering counts 25 times, and so do new addresses, because a stranger's server is asked", async () => {
      const register = (i: number) => {
        const lightningAddress = slow.payees.address(`stranger-${i}`);
        return slow.ask("/v1/merchants", { json: { lightningAddress } });
      };
      expect(await statuses(register)).toEqual({ 201: 1, 429: 49 });
      const order = (user: string) => {
        const json = { amountMsat: 1_000, lightningAddress: slow.payees.address(user) };
        return slow.ask("/v1/invoices", { json });
      };
      slow.clock.advanceSeconds(10);
      expect(await statuses((i) => order(`new-${i}`))).toEqual({ 201: 1, 429: 49 });
      slow.clock.advanceSeconds(10);
      // A known one counts once: 25 for the first, and 15 more.
      expect(await statuses(() => order("known"))).toEqual({ 201: 16, 429: 34 });
    });

    it("wrong keys count for the client that sends them, whatever it says of where it comes from", async () => {
      const key = "l402m_".padEnd(49, "x");
      const wrong = (i: number) => slow.ask("/v1/balance", { key, headers: { "x-forwarded-for": `1.2.3.${i}` } });
      expect(await statuses(wrong)).toEqual({ 401: 40, 429: 10 });
    });
  });
});

describe("strangers", () => {
  let open: Served;
  let queries = 0;
  beforeAll(async () => {
    const database = await openTestDatabase();
    const query: Database["query"] = (...args) => {
      queries++;
      return database.query(...args);
    };
    open = await serve({ requestsPerSecond: 25, database: { ...database, query } }, { trustProxy: true });
    await open.service.merchants.byAddress(open.payees.address("shop"));
  });
  afterAll(() => open.close());
  afterEach(() => open.clock.advanceSeconds(120));

  const from = (ip: string) => ({ "x-forwarded-for": ip });
  const order = (ip: string, more: object = {}) => {
    const json = { amountMsat: 1_000, lightningAddress: open.payees.address("shop"), ...more };
    return open.ask("/v1/invoices", { json, headers: from(ip) });
  };
  /** How often each status came, of many requests in one instant. */
  async function statuses(count: number, ask: (i: number) => Promise<{ status: number }>) {
    const counts: Record<number, number> = {};
    for (let i = 0; i < count; i += 20) {
      const answers = await Promise.all(Array.from({ length: Math.min(20, count - i) }, (_, j) => ask(i + j)));
      for (const { status } of answers) counts[status] = (counts[status] ?? 0) + 1;
    }
    return counts;
  }
  const madeUp = (kind: string, i: number) => `l402${kind}_${String(i).padStart(43, "x")}`;

  it("get 60 invoices without a key a minute, and merchants theirs", async () => {
    const { apiKey: key } = await open.signUp();
    const made = open.node.calls.createInvoice;
    expect(await statuses(80, () => order("1.1.1.1"))).toEqual({ 201: 60, 429: 20 });
    expect(open.node.calls.createInvoice - made).toBe(60);
    const compatible = { amountSats: 1, ownerAddress: open.payees.address("shop") };
    const refused = await open.ask("/api/invoice", { json: compatible, headers: from("1.1.1.1") });
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(refused.body.detail).toContain("register an account");
    expect((await order("1.1.1.2")).status).toBe(201);
    // Of the same address.
    const sell = () => open.ask("/v1/invoices", { key, json: { amountMsat: 1_000 }, headers: from("1.1.1.1") });
    expect(await statuses(100, sell)).toEqual({ 201: 100 });
    open.clock.advanceSeconds(10);
    expect(await statuses(20, () => order("1.1.1.1"))).toEqual({ 201: 10, 429: 10 });
  });

  it("of one IPv6 network are five clients, of a /56 one, and IPv4 by NAT64 as many as there are", async () => {
    expect(await statuses(340, (i) => order(`2001:470:3:${((i % 256) * 256).toString(16)}::1`))).toEqual({
      201: 300,
      429: 40,
    });
    expect(await statuses(100, (i) => order(`2001:470:2:${i.toString(16)}::1`))).toEqual({ 201: 60, 429: 40 });
    expect(await statuses(100, (i) => order(`64:ff9b::${i.toString(16)}:909`))).toEqual({ 201: 100 });
    open.clock.advanceSeconds(120);
    const ask = (ip: string) => open.ask("/v1/balance-root", { headers: from(ip) });
    const asked = await statuses(600, (i) => ask(`2001:470:4:${((i % 200) * 256).toString(16)}::1`));
    expect(asked[429]).toBe(100);
  });

  it("are a limit for all together, which merchants and the watch on /health do not have", async () => {
    const { apiKey: key } = await open.signUp();
    const ask = (i: number) => open.ask("/v1/balance-root", { headers: from(`5.5.${i >> 8}.${i & 255}`) });
    const asked = await statuses(2_100, ask);
    // Twenty clients' worth, of which registering took 25.
    expect(asked[429]).toBe(125);
    expect((await open.ask("/health", { headers: from("6.6.6.6") })).status).toBe(200);
    expect((await open.ask("/v1/balance", { key, headers: from("6.6.6.6") })).status).toBe(200);
  });

  it("get invoices that expire after an hour at most, and merchants up to a week", async () => {
    const { apiKey: key } = await open.signUp();
    const lives = ({ body }: { body: { expiresAt: string } }) =>
      (new Date(body.expiresAt).getTime() - open.clock().getTime()) / 1_000;
    const week = { expiresInSeconds: 604_800 };
    expect(lives(await order("7.7.7.7", week))).toBe(3_600);
    expect(lives(await order("7.7.7.7", { expiresInSeconds: 60 }))).toBe(60);
    expect(lives(await open.ask("/v1/invoices", { key, json: { amountMsat: 1_000, ...week } }))).toBe(604_800);
  });

  it("who send made-up keys are counted before the database is asked, and keep no merchant out", async () => {
    const { apiKey: key, ownerKey } = await open.signUp();
    const headers = from("9.9.9.9");
    const ask = () => open.ask("/v1/balance", { key, headers });
    expect((await ask()).status).toBe(200);
    const before = queries;
    const wrong = (i: number) => open.ask("/v1/balance", { key: madeUp("m", i), headers });
    // A hundred at once, of which the merchant's took one when it was new.
    expect(await statuses(140, wrong)).toEqual({ 401: 99, 429: 41 });
    expect(queries - before).toBe(99);
    const wrongOwner = (i: number) => open.ask("/v1/payouts/resume", { key: madeUp("o", i), headers, method: "POST" });
    expect(await statuses(20, wrongOwner)).toEqual({ 429: 20 });
    expect(queries - before).toBe(99);
    // At the same address, all that is left of a hundred, and a new merchant at another.
    expect(await statuses(99, ask)).toEqual({ 200: 99 });
    open.clock.advanceSeconds(1);
    expect(
      (await open.ask("/v1/payouts/resume", { key: ownerKey, headers: from("9.9.9.8"), method: "POST" })).status,
    ).toBe(200);
    // A key that opens nothing any more is known no more.
    const changed = { method: "POST", key: ownerKey, json: { key: "api" }, headers: from("9.9.9.8") };
    expect((await open.ask("/v1/merchant/keys", changed)).status).toBe(201);
    expect((await ask()).status).toBe(401);
    expect(await statuses(40, ask)).toEqual({ 401: 25, 429: 15 });
  });
});

describe("who asks", () => {
  it.each([
    ["127.0.0.1", undefined, "127.0.0.1"],
    ["::ffff:1.2.3.4", undefined, "::ffff:1.2.3.4"],
    ["2001:db8::1", undefined, "2001:db8::1"],
    // What the client wrote comes first, what the proxy wrote comes last.
    ["10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"],
    ["10.0.0.1", "", "10.0.0.1"],
    [undefined, undefined, "unknown"],
  ])("%s, forwarded for %s, is %s", (remote, forwarded, expected) => {
    expect(clientAddress(remote, forwarded)).toBe(expected);
  });
});
