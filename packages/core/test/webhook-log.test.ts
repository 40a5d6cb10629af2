import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fakeClock } from "@l402/testing";
import { afterEach, describe, expect, it, vi } from "vitest";
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

  it("says so when it gives up, and goes on with the next payment", async () => {
    const { url, deliveries } = await receiver(500, 500);
    const log = webhookLog({ url, secret, attempts: 2 });
    const payment = { amountMsat: 1, resource: "r", paidAt: new Date() };
    const lost = log.record({ ...payment, paymentHash: "lost" });
    const next = log.record({ ...payment, paymentHash: "next" });
    await expect(lost).rejects.toMatchObject({ code: "LOG_UNAVAILABLE" });
    await next;
    expect(deliveries.map(({ body }) => JSON.parse(body).paymentHash)).toEqual(["lost", "lost", "next"]);
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

  it("posts a payment again that was never accepted, when it is recorded again", async () => {
    const { sent, ...options } = sending(500);
    const log = webhookLog({ url, secret, attempts: 1, fetch: options.fetch });
    await expect(log.record(payment)).rejects.toMatchObject({ code: "LOG_UNAVAILABLE" });
    await log.record(payment);
    await log.record(payment);
    expect(sent).toHaveLength(2);
  });

  it("posts the fields of a payment and no others, with a time limit, and reads no answer", async () => {
    vi.useFakeTimers();
    const timeout = vi.spyOn(AbortSignal, "timeout");
    const { sent, cancelled, fetch } = sending();
    await webhookLog({ url, secret, fetch }).record({ ...payment, preimage: "secret" } as typeof payment);
    expect(sent).toMatchObject([{ url, method: "POST", redirect: "error" }]);
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
    ["an unknown option", { url: "https://example.com", secret, retries: 1 }],
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
