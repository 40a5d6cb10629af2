import { type Clock, checkOption, isL402Error, L402Error, type PaymentLog, refuseUnknownOptions } from "@l402/core";
import { askSupabase } from "./ask-supabase.ts";
import { createPaymentQueue } from "./payment-queue.ts";
import { paymentRow } from "./payment-row.ts";
import { CONNECTION_OPTIONS, connect, type SupabaseConnection } from "./supabase-client.ts";

export type SupabasePaymentLogOptions = SupabaseConnection & {
  /** How many payments may wait for Supabase. Later payments are dropped, and a warning says so. Default 20 000. */
  maxWaiting?: number | undefined;
  /**
   * For serverless platforms: a function that keeps the instance alive until a promise settles, such as `waitUntil` of
   * `cloudflare:workers` or `@vercel/functions`.
   */
  waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
  /** Called at most once a minute when payments wait or were dropped. Default `console.warn`. */
  onWarning?: ((warning: L402Error) => void) | undefined;
  /** Tells the time, for tests. Default: the system's clock. */
  clock?: Clock | undefined;
};

const OWNER = "createSupabasePaymentLog";
const NAMES = [...CONNECTION_OPTIONS, "maxWaiting", "waitUntil", "onWarning", "clock"];
/** Workers end what a request started 30 s after its answer. All attempts, and the pauses between them, take less. */
const TIMEOUT_SECONDS = 9;
const SERVERLESS_ATTEMPTS = 3;
const FLUSH_SECONDS = 10;
const MINUTE_MS = 60_000;

/** Writes payments into the table `payments` of a Supabase project. Requests do not wait for it. */
export function createSupabasePaymentLog(
  options: SupabasePaymentLogOptions,
): PaymentLog & { flush(): Promise<void>; readonly waiting: number } {
  refuseUnknownOptions(OWNER, options, NAMES);
  const client = connect(OWNER, options);
  const { maxWaiting = 20_000, waitUntil, onWarning = toConsole, clock = () => new Date() } = options;
  checkOption(Number.isSafeInteger(maxWaiting) && maxWaiting > 0, `${OWNER}: maxWaiting`, "a whole number above 0");
  const { navigator } = globalThis as { navigator?: { userAgent?: string } };
  // Without it, Workers end the writing with the request that began it, and say nothing.
  const needsWaitUntil = navigator?.userAgent === "Cloudflare-Workers";
  checkOption(
    typeof waitUntil === "function" || (waitUntil === undefined && !needsWaitUntil),
    `${OWNER}: waitUntil`,
    'a function, such as `waitUntil` of "cloudflare:workers"',
  );
  checkOption(typeof onWarning === "function", `${OWNER}: onWarning`, "a function");
  checkOption(typeof clock === "function", `${OWNER}: clock`, "a function");

  let dropped = 0;
  let lastWarning = Number.NEGATIVE_INFINITY;
  let lastReason = "Supabase writes payments more slowly than they arrive.";

  function warn(): void {
    const now = clock().getTime();
    // A clock that was set back must not silence the warnings.
    if (Math.abs(now - lastWarning) < MINUTE_MS) return;
    lastWarning = now;
    const losses = dropped > 0 ? ` ${dropped} payments were dropped, because ${maxWaiting} waited already.` : "";
    dropped = 0;
    const message = `Payment log: ${lastReason} ${queue.size} payments wait to be written.${losses}`;
    try {
      onWarning(new L402Error("LOG_UNAVAILABLE", message));
    } catch {
      // A broken log must not make a request fail.
    }
  }

  const queue = createPaymentQueue({
    send: (payments) => askSupabase(() => client.rpc("l402_record", { payments }), TIMEOUT_SECONDS, "LOG_UNAVAILABLE"),
    failed(error) {
      lastReason = isL402Error(error) ? error.message : "Supabase failed: the client threw an error.";
      warn();
    },
    written() {
      if (dropped > 0) warn();
    },
  });

  return {
    record(event) {
      if (!queue.isNew(event.paymentHash)) return;
      const row = paymentRow(event);
      if (queue.size >= maxWaiting) {
        dropped++;
        warn();
        return;
      }
      queue.add(row);
      if (waitUntil) waitUntil(queue.drain(SERVERLESS_ATTEMPTS));
      else queue.wake();
    },

    /** Writes all waiting payments before a shutdown. Rejects if payments are still unwritten after ten seconds. */
    async flush() {
      if (await queue.settle(FLUSH_SECONDS)) return;
      throw new L402Error("LOG_UNAVAILABLE", `Payment log: ${lastReason} ${queue.size} payments are not written yet.`);
    },

    /** How many payments are not written yet. */
    get waiting() {
      return queue.size;
    },
  };
}

const toConsole = (warning: L402Error) => console.warn(warning.message);
