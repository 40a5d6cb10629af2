import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fakeClock } from "@l402/testing";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { verifyWebhook, webhookLog } from "../src/index.ts";
import { granted, openShop, request } from "./shop.ts";

const secret = "a webhook secret of at least 32 bytes";
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
  vi.useRealTimers();
});

/** A receiver on loopback that answers with the given statuses, then 200. */
async function receiver(...statuses: number[]) {
  const deliveries: { asked: string; body: string; signature: string }[] = [];
  const server = createServer(async (incoming, response) => {
    let body = "";
    for await (const chunk of incoming) body += chunk;
    deliveries.push({
      asked: `${incoming.method} ${incoming.url}`,
      body,
      signature: String(incoming.headers["l402-signature"]),
    });
    const status = statuses.shift() ?? 200;
    response.writeHead(status, status === 302 ? { location: "/elsewhere" } : {}).end("ok");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, deliveries };
}

describe("webhookLog", () => {
  it("posts each payment once, signed, without the preimage", async () => {
    const terms = { price: 10, uses: 5 };
    const { url, deliveries } = await receiver();
    const log = webhookLog({ url, secret, clock: fakeClock() });
    const { paywall, buy, clock } = openShop({ paymentLog: log });
    const authorization = await buy("/a", terms);
    for (let i = 0; i < 5; i++) granted(await paywall.check(request("/a", { authorization }), terms));
    await log.flush();

    expect(deliveries).toHaveLength(1);
    const [delivery] = deliveries as [(typeof deliveries)[0]];
    expect(delivery.body).not.toContain(authorization.split(":")[1]);
    const payment = { paymentHash: expect.stringMatching(/^[0-9a-f]{64}$/), amountMsat: 10_000, resource: "GET /a" };
    expect(verifyWebhook({ ...delivery, secret, clock })).toEqual({ ...payment, paidAt: clock() });
  });

  it("tries again until it is accepted, and goes nowhere else", async () => {
    const { url, deliveries } = await receiver(500, 302);
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    const log = webhookLog({ url, secret });
    const delivered = log.record({ paymentHash: "h", amountMsat: 1, resource: "r", paidAt: new Date() });
    while (deliveries.length < 3) await vi.advanceTimersToNextTimerAsync();
    await delivered;
    expect(deliveries.map(({ asked }) => asked)).toEqual(["POST /hook", "POST /hook", "POST /hook"]);
  });

  const payment = { paymentHash: "h", amountMsat: 1, resource: "r", paidAt: new Date(0) };
  type Sent = { url: string; body: string; signal: AbortSignal; redirect: string };

  /** A `fetch` that answers each post with the next status; an endless body tells whether it was cancelled. */
  function sending(...statuses: number[]) {
    const sent: Sent[] = [];
    const cancelled = vi.fn();
    const send = async (url: string, init: object) => {
      sent.push({ url, ...(init as Omit<Sent, "url">) });
      return new Response(new ReadableStream({ cancel: cancelled }), { status: statuses.shift() ?? 200 });
    };
    return { sent, cancelled, fetch: send as unknown as typeof fetch };
  }
  const url = "https://example.com/hook";

  /** A receiver that takes a payment or not, and what it was posted. */
  function receiving(accepts: (paymentHash: string) => boolean) {
    vi.useFakeTimers();
    const posts: string[] = [];
    const began = performance.now();
    const ats: number[] = [];
    const fetch = (async (_: string, { body }: { body: string }) => {
      const { paymentHash } = JSON.parse(body);
      posts.push(paymentHash);
      ats.push(Math.round((performance.now() - began) / 1000));
      return new Response(null, { status: accepts(paymentHash) ? 200 : 500 });
    }) as unknown as typeof globalThis.fetch;
    return { posts, ats, fetch };
  }
  /** Records payments, and collects the codes of the failures. */
  function recording(log: ReturnType<typeof webhookLog>) {
    const failed: string[] = [];
    const record = (...hashes: string[]) => {
      for (const paymentHash of hashes)
        Promise.resolve(log.record({ ...payment, paymentHash })).catch(({ code }) =>
          failed.push(`${paymentHash} ${code}`),
        );
    };
    return { record, failed };
  }

  it("loses no payment while the receiver is down, however long, and says so for each", async () => {
    let isUp = false;
    const accepted = new Set<string>();
    const { fetch } = receiving((hash) => isUp && accepted.add(hash) !== undefined);
    const log = webhookLog({ url, secret, fetch });
    const { record, failed } = recording(log);
    record("a", "b", "c");
    await vi.advanceTimersByTimeAsync(24 * 3600_000);
    expect(failed).toEqual(["a LOG_UNAVAILABLE", "b LOG_UNAVAILABLE", "c LOG_UNAVAILABLE"]);
    isUp = true;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(accepted).toEqual(new Set(["a", "b", "c"]));
    record("a", "b", "c", "d");
    await log.flush();
    expect(accepted.size).toBe(4);
  });

  it("asks a receiver that is down every half minute", async () => {
    const { ats, fetch } = receiving(() => false);
    const { record } = recording(webhookLog({ url, secret, fetch }));
    record("a");
    await vi.advanceTimersByTimeAsync(130_000);
    expect(ats).toEqual([0, 1, 3, 7, 15, 31, 63, 95, 127]);
  });

  it("gives up a payment that fails while others are accepted, and posts it again at its next use", async () => {
    let isTaken = false;
    const { posts, fetch } = receiving((hash) => hash !== "odd" || isTaken);
    const log = webhookLog({ url, secret, fetch, attempts: 2 });
    const { record, failed } = recording(log);
    record("odd", "a", "b");
    await vi.advanceTimersByTimeAsync(600_000);
    expect(posts).toEqual(["odd", "odd", "a", "b", "odd", "odd"]);
    expect(failed).toEqual(["odd LOG_UNAVAILABLE"]);
    isTaken = true;
    record("odd", "odd");
    await log.flush();
    expect(posts.slice(6)).toEqual(["odd"]);
  });

  it("waits in flush for what was recorded, but for no receiver that is down", async () => {
    const { posts, fetch } = receiving(() => false);
    const log = webhookLog({ url, secret, fetch, attempts: 2 });
    const { record, failed } = recording(log);
    record("a", "b");
    const flushed = log.flush().then(() => failed.push("flushed"));
    await vi.advanceTimersByTimeAsync(5000);
    await flushed;
    expect(failed).toEqual(["a LOG_UNAVAILABLE", "b LOG_UNAVAILABLE", "flushed"]);
    expect(posts.slice(0, 4)).toEqual(["a", "a", "b", "b"]);
  });

  describe("with waitUntil", () => {
    it("hands each post to the platform, and none waits for one that the platform has ended", async () => {
      const posts: string[] = [];
      const fetch = ((_: string, { body }: { body: string }) => {
        posts.push(JSON.parse(body).paymentHash);
        return posts.length === 1 ? new Promise(() => {}) : Promise.resolve(new Response());
      }) as unknown as typeof globalThis.fetch;
      const kept: Promise<unknown>[] = [];
      const log = webhookLog({ url, secret, fetch, waitUntil: (promise) => kept.push(promise) });
      const { record } = recording(log);
      record("ended", "next", "next");
      expect(posts).toEqual(["ended", "next"]);
      expect(kept).toHaveLength(2);
      await kept[1];
    });

    it("is through before Workers end it, also where the receiver hangs, and posts again at the next use", async () => {
      vi.useFakeTimers();
      let posts = 0;
      const fetch = (() => {
        posts++;
        return new Promise((_, reject) => setTimeout(reject, 10_000));
      }) as unknown as typeof globalThis.fetch;
      const kept: Promise<unknown>[] = [];
      const log = webhookLog({ url, secret, fetch, waitUntil: (promise) => kept.push(promise) });
      const { record, failed } = recording(log);
      record("a");
      await vi.advanceTimersByTimeAsync(29_000);
      expect(failed).toEqual(["a LOG_UNAVAILABLE"]);
      await kept[0];
      expect(posts).toBe(2);
      record("a");
      expect(posts).toBe(3);
    });

    it("posts five times to a receiver that refuses", async () => {
      const { ats, fetch } = receiving(() => false);
      const { record, failed } = recording(webhookLog({ url, secret, fetch, waitUntil: () => {} }));
      record("a");
      await vi.advanceTimersByTimeAsync(600_000);
      expect(ats).toEqual([0, 1, 3, 7, 15]);
      expect(failed).toEqual(["a LOG_UNAVAILABLE"]);
    });

    it("is needed on Workers, where nothing would be posted, and nobody told", () => {
      vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
      onTestFinished(() => void vi.unstubAllGlobals());
      const needed = expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringContaining("waitUntil") });
      expect(() => webhookLog({ url, secret })).toThrow(needed);
      webhookLog({ url, secret, waitUntil: () => {} });
    });
  });

  it("posts the fields of a payment and no others, with a time limit, and reads no answer", async () => {
    vi.useFakeTimers();
    const timeout = vi.spyOn(AbortSignal, "timeout");
    const { sent, cancelled, fetch } = sending();
    await webhookLog({ url, secret, fetch }).record({ ...payment, preimage: "secret" } as typeof payment);
    expect(sent).toMatchObject([{ url, method: "POST", redirect: "manual" }]);
    expect(JSON.parse((sent[0] as Sent).body)).toEqual({
      type: "payment",
      ...payment,
      paidAt: "1970-01-01T00:00:00.000Z",
    });
    expect(timeout).toHaveBeenCalledWith(10_000);
    expect((sent[0] as Sent).signal).toBe(timeout.mock.results[0]?.value);
    expect(cancelled).toHaveBeenCalledOnce();
    timeout.mockRestore();
  });

  it("keeps ten thousand payments waiting, and refuses more until there is room", async () => {
    let answer = (_: Response) => {};
    const first = new Promise<Response>((resolve) => {
      answer = resolve;
    });
    let posts = 0;
    const fetch = (async () => (posts++ === 0 ? first : new Response())) as typeof globalThis.fetch;
    const log = webhookLog({ url, secret, fetch });
    const record = (i: number) => log.record({ ...payment, paymentHash: `${i}` });
    for (let i = 0; i < 10_000; i++) record(i);
    const full = expect.objectContaining({ code: "LOG_UNAVAILABLE" });
    expect(() => record(10_000)).toThrow(full);
    answer(new Response());
    await log.flush();
    await record(10_000);
    expect(posts).toBe(10_001);
  });

  it("gives no payment away that is signed but none of ours", () => {
    const clock = fakeClock();
    const time = clock().getTime() / 1000;
    const v1 = createHmac("sha256", secret).update(`${time}.no json`).digest("hex");
    expect(() => verifyWebhook({ body: "no json", signature: `t=${time},v1=${v1}`, secret, clock })).toThrow(
      expect.objectContaining({ code: "WEBHOOK_INVALID", hint: expect.stringContaining("body as received") }),
    );
  });

  it.each([
    ["a short secret", { url: "https://example.com", secret: "short" }],
    ["no URL", { url: "example", secret }],
    ["a URL that is not HTTP", { url: "ftp://example.com", secret }],
    ["an unknown option", { url, secret, retries: 1 }],
    ["no attempts", { url, secret, attempts: 0 }],
    ["fewer than no attempts", { url, secret, attempts: -1 }],
    ["attempts that are no number", { url, secret, attempts: Number.NaN }],
    ["endless attempts", { url, secret, attempts: Number.POSITIVE_INFINITY }],
    ["a waitUntil that is none", { url, secret, waitUntil: true as never }],
  ])("refuses %s", (_, options) => {
    expect(() => webhookLog(options)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});

describe("verifyWebhook", () => {
  async function delivered() {
    const { url, deliveries } = await receiver();
    const clock = fakeClock();
    await webhookLog({ url, secret, clock }).record({
      paymentHash: "h",
      amountMsat: 1,
      resource: "r",
      paidAt: clock(),
    });
    return { ...(deliveries[0] as (typeof deliveries)[0]), secret, clock };
  }
  const refused = expect.objectContaining({ code: "WEBHOOK_INVALID" });

  it("refuses a changed body, time or signature, and another secret", async () => {
    const delivery = await delivered();
    verifyWebhook(delivery);
    for (const change of [
      { body: delivery.body.replace('"amountMsat":1', '"amountMsat":9') },
      { signature: delivery.signature.replace("t=1", "t=2") },
      { signature: delivery.signature.replace(/\d,/, (end) => (end === "0," ? "1," : "0,")) },
      { signature: delivery.signature.replace(/.$/, (digit) => (digit === "0" ? "1" : "0")) },
      { signature: delivery.signature.replace("v1=", "v0=") },
      { signature: `${delivery.signature},v1=${"0".repeat(64)}` },
      { signature: undefined },
      { signature: "" },
      { secret: "another secret of at least 32 bytes" },
    ]) {
      expect(() => verifyWebhook({ ...delivery, ...change })).toThrow(refused);
    }
  });

  it("refuses a delivery outside the window, either way", async () => {
    const delivery = await delivered();
    delivery.clock.advanceSeconds(300);
    verifyWebhook(delivery);
    delivery.clock.advanceSeconds(1);
    expect(() => verifyWebhook(delivery)).toThrow(refused);
    delivery.clock.advanceSeconds(-602);
    expect(() => verifyWebhook(delivery)).toThrow(refused);
    expect(() => verifyWebhook({ ...delivery, toleranceSeconds: Number.NaN })).toThrow(refused);
  });
});
