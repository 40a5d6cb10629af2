import { randomBytes } from "node:crypto";
import type { L402Error } from "@l402/core";
import { fakeClock } from "@l402/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSupabasePaymentLog, type SupabasePaymentLogOptions } from "../src/index.ts";

const newEvent = (paymentHash = randomBytes(32).toString("hex")) => ({
  paymentHash,
  amountMsat: 10_000,
  resource: "GET /a",
  paidAt: new Date(),
});

const DOWN = { data: null, error: { code: "", details: "connect (ECONNREFUSED)" }, status: 0 };
const WRITTEN = { data: null, error: null, status: 204 };

/** A log, the batches that reached its database, and a switch for that. */
function openLog(options: Partial<SupabasePaymentLogOptions> = {}) {
  const state = { answer: WRITTEN as typeof DOWN | typeof WRITTEN, batches: [] as string[][], attempts: 0 };
  const warnings: string[] = [];
  const clock = fakeClock();
  const rpc = (_: string, { payments }: { payments: { payment_hash: string }[] }) => {
    state.attempts++;
    if (state.answer === WRITTEN) state.batches.push(payments.map(({ payment_hash }) => payment_hash));
    const answer = Promise.resolve(state.answer);
    return Object.assign(answer, { abortSignal: () => answer });
  };
  const onWarning = ({ message }: L402Error) => void warnings.push(message);
  const log = createSupabasePaymentLog({ client: { rpc }, onWarning, clock, ...options } as never);
  return { log, state, warnings, clock };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("payments on their way", () => {
  it("record returns before anything is sent, and a batch follows", async () => {
    const { log, state } = openLog();
    const events = Array.from({ length: 30 }, () => newEvent());
    for (const event of events) expect(log.record(event)).toBeUndefined();
    expect(state.attempts).toBe(0);
    await vi.advanceTimersByTimeAsync(150);
    expect(state.batches).toEqual([events.map(({ paymentHash }) => paymentHash)]);
    expect(log.waiting).toBe(0);
  });

  it("a pass that is used 1000 times is sent once", async () => {
    const { log, state } = openLog();
    const event = newEvent();
    for (let i = 0; i < 1000; i++) {
      log.record(event);
      if (i % 100 === 0) await vi.advanceTimersByTimeAsync(150);
    }
    await vi.advanceTimersByTimeAsync(150);
    expect(state.batches).toEqual([[event.paymentHash]]);
  });

  it("loses nothing in an outage of an hour, and warns once a minute", async () => {
    const { log, state, warnings, clock } = openLog();
    state.answer = DOWN;
    const hashes: string[] = [];
    for (let second = 0; second < 3600; second += 5) {
      const event = newEvent();
      hashes.push(event.paymentHash);
      log.record(event);
      clock.advanceSeconds(5);
      await vi.advanceTimersByTimeAsync(5000);
    }
    expect(warnings.length).toBeGreaterThan(30);
    expect(warnings.length).toBeLessThanOrEqual(60);
    expect(warnings[0]).toBe(
      "Payment log: Supabase failed: it cannot be reached (ECONNREFUSED). 1 payments wait to be written.",
    );
    // The pause doubles up to half a minute.
    expect(state.attempts).toBeLessThan(260);
    state.answer = WRITTEN;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(state.batches.flat()).toEqual(hashes);
    expect(log.waiting).toBe(0);
  });

  it("drops what comes when the queue is full, and says how much", async () => {
    const { log, state, warnings, clock } = openLog({ maxWaiting: 10 });
    state.answer = DOWN;
    const events = Array.from({ length: 25 }, () => newEvent());
    for (const event of events) log.record(event);
    expect(log.waiting).toBe(10);
    expect(warnings).toEqual([expect.stringContaining("1 payments were dropped, because 10 waited already")]);
    state.answer = WRITTEN;
    clock.advanceSeconds(61);
    await vi.advanceTimersByTimeAsync(40_000);
    expect(state.batches.flat()).toEqual(events.slice(0, 10).map(({ paymentHash }) => paymentHash));
    expect(warnings).toHaveLength(2);
    expect(warnings[1]).toContain("14 payments were dropped");
    // A dropped payment is not taken for a written one.
    log.record(events[20] as (typeof events)[0]);
    await vi.advanceTimersByTimeAsync(200);
    expect(state.batches.flat()).toContain(events[20]?.paymentHash);
  });

  it("goes on warning after the clock was set back", () => {
    const { log, warnings, clock } = openLog({ maxWaiting: 1 });
    for (let i = 0; i < 2; i++) log.record(newEvent());
    expect(warnings).toHaveLength(1);
    clock.advanceSeconds(-86_400);
    log.record(newEvent());
    log.record(newEvent());
    clock.advanceSeconds(61);
    log.record(newEvent());
    expect(warnings.map((text) => /\d+ payments were dropped/.exec(text)?.[0])).toEqual([
      ...["1 payments were dropped", "1 payments were dropped", "2 payments were dropped"],
    ]);
  });

  it("makes batches smaller while they fail, and larger again", async () => {
    const { log, state } = openLog();
    state.answer = DOWN;
    for (let i = 0; i < 1000; i++) log.record(newEvent());
    await vi.advanceTimersByTimeAsync(5000);
    state.answer = WRITTEN;
    await vi.advanceTimersByTimeAsync(40_000);
    expect(state.batches.map((batch) => batch.length)[0]).toBeLessThan(100);
    expect(state.batches.flat()).toHaveLength(1000);
    expect(Math.max(...state.batches.map((batch) => batch.length))).toBeGreaterThan(200);
  });

  it("refuses what is no payment, without a word of it", () => {
    const { log, state } = openLog();
    const bad = [
      { ...newEvent(), paymentHash: "x" },
      { ...newEvent(), paymentHash: undefined },
      { ...newEvent(), amountMsat: 2 ** 53 },
      { ...newEvent(), amountMsat: -1 },
      { ...newEvent(), paidAt: new Date(Number.NaN) },
    ];
    for (const event of bad) expect(() => log.record(event as never)).toThrow("cannot store this");
    expect(state.attempts).toBe(0);
  });
});

describe("flush", () => {
  it("waits for everything recorded before it, and not for the next pause", async () => {
    const { log, state } = openLog();
    state.answer = DOWN;
    for (let i = 0; i < 1200; i++) log.record(newEvent());
    await vi.advanceTimersByTimeAsync(60_000);
    state.answer = WRITTEN;
    const flushed = log.flush();
    await vi.advanceTimersByTimeAsync(100);
    await flushed;
    expect(state.batches.flat()).toHaveLength(1200);
  });

  it("rejects when the database stays away for ten seconds, and payments stay", async () => {
    const { log, state } = openLog();
    state.answer = DOWN;
    log.record(newEvent());
    const failure = expect(log.flush()).rejects.toMatchObject({
      code: "LOG_UNAVAILABLE",
      message: expect.stringContaining("1 payments are not written"),
    });
    await vi.advanceTimersByTimeAsync(11_000);
    await failure;
    expect(log.waiting).toBe(1);
  });

  it("answers at once when nothing waits", async () => {
    await openLog().log.flush();
  });
});

describe("serverless", () => {
  it("waitUntil gets a promise for every payment, which is sent at once", async () => {
    const promises: Promise<unknown>[] = [];
    const { log, state } = openLog({ waitUntil: (promise) => void promises.push(promise) });
    log.record(newEvent());
    log.record(newEvent());
    expect(state.attempts).toBe(2);
    await Promise.all(promises);
    expect(log.waiting).toBe(0);
    expect(promises).toHaveLength(2);
  });

  it("gives up after three attempts, and sends the payment with the next one", async () => {
    const promises: Promise<unknown>[] = [];
    const { log, state } = openLog({ waitUntil: (promise) => void promises.push(promise) });
    state.answer = DOWN;
    log.record(newEvent());
    await vi.advanceTimersByTimeAsync(5000);
    await Promise.all(promises);
    expect(state.attempts).toBe(3);
    expect(log.waiting).toBe(1);
    state.answer = WRITTEN;
    log.record(newEvent());
    await Promise.all(promises);
    expect(log.waiting).toBe(0);
  });

  it("gives up a Supabase that never answers before Workers end it, so that the payment can be sent later", async () => {
    const timeout = vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => {
      const late = new AbortController();
      setTimeout(() => late.abort(), ms);
      return late.signal;
    });
    const rpc = () => ({
      abortSignal: (signal: AbortSignal) =>
        new Promise((resolve) => signal.addEventListener("abort", () => resolve(DOWN))),
    });
    let ended = false;
    const waitUntil = (promise: Promise<unknown>) => void promise.then(() => (ended = true));
    const { log, warnings } = openLog({ client: { rpc } as never, waitUntil });
    log.record(newEvent());
    await vi.advanceTimersByTimeAsync(29_000);
    expect([ended, warnings]).toEqual([true, [expect.stringContaining("did not answer within")]]);
    timeout.mockRestore();
  });
});

it("the default warning goes to the console, and one that throws harms nothing", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  const { log, state } = openLog({ onWarning: undefined as never });
  state.answer = DOWN;
  log.record(newEvent());
  await vi.advanceTimersByTimeAsync(200);
  expect(warn).toHaveBeenCalledOnce();
  warn.mockRestore();

  const throwing = openLog({
    onWarning: () => {
      throw new Error("x");
    },
  });
  throwing.state.answer = DOWN;
  throwing.log.record(newEvent());
  await vi.advanceTimersByTimeAsync(200);
  expect(throwing.log.waiting).toBe(1);
});
