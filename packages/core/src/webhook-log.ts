import { checkOption, refuseUnknownOptions } from "./check-option.ts";
import { L402Error } from "./errors.ts";
import { type Clock, systemClock } from "./interfaces/clock.ts";
import type { Fetch } from "./interfaces/fetch.ts";
import type { PaymentEvent, PaymentLog } from "./interfaces/payment-log.ts";
import { signWebhook, webhookKey } from "./verify-webhook.ts";

export interface WebhookLogOptions {
  /**
   * The URL that payments are posted to. Each payment is posted at least once. It is posted again by a second server,
   * after a restart, and, if it was given up, at the next use of that payment.
   */
  url: string | undefined;
  /** Signs the posts. At least 32 bytes, shared with the receiver. */
  secret: string | undefined;
  /**
   * How often a payment is posted before a failure is reported, with a pause that starts at one second and doubles, up
   * to a minute. Default 6.
   */
  attempts?: number | undefined;
  /**
   * For serverless platforms: a function that keeps the instance alive until a promise settles, such as `waitUntil` of
   * `cloudflare:workers` or `@vercel/functions`. Payments then do not wait for one another, and are given up after half
   * a minute.
   */
  waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
  /** Default: the global `fetch`. */
  fetch?: Fetch | undefined;
  /** Tells the time, for tests. Default: the system's clock. */
  clock?: Clock | undefined;
}

const FACTORY = "webhookLog";
const HEADER = "l402-signature";
const MAX_WAITING = 10_000;
const MAX_REMEMBERED = 100_000;
const TIMEOUT_MS = 10_000;
/** The last post begins by then. Workers end what a request started 30 s after its answer. */
const SERVERLESS_MS = 16_000;

/** After which pause the next post follows a number of failed ones. */
const pauseMs = (failures: number) => 1000 * Math.min(60, 2 ** (failures - 1));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Makes a payment log that posts each payment to a URL of yours, signed. The receiver checks it with `verifyWebhook`.
 */
export function webhookLog(options: WebhookLogOptions): PaymentLog & { flush(): Promise<void> } {
  refuseUnknownOptions(FACTORY, options, ["url", "secret", "attempts", "waitUntil", "fetch", "clock"]);
  const { url = "", attempts = 6, waitUntil, fetch: send = fetch, clock = systemClock } = options;
  const isUrl = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol);
  checkOption(isUrl, `${FACTORY}: url`, "the URL of your receiver, such as https://example.com/payments");
  checkOption(Number.isSafeInteger(attempts) && attempts > 0, `${FACTORY}: attempts`, "a whole number above 0");
  const { navigator } = globalThis as { navigator?: { userAgent?: string } };
  // Without it, Workers end a post with the request that began it, and say nothing.
  const needsWaitUntil = navigator?.userAgent === "Cloudflare-Workers";
  checkOption(
    typeof waitUntil === "function" || (waitUntil === undefined && !needsWaitUntil),
    `${FACTORY}: waitUntil`,
    'a function, such as `waitUntil` of "cloudflare:workers"',
  );
  const key = webhookKey(options.secret, FACTORY);
  /** The payment hashes that were recorded, and not given up. */
  const seen = new Set<string>();
  /** The deliveries that are not over. */
  const waiting = new Set<Promise<void>>();
  let lastDelivery = Promise.resolve();
  /** How many payments the receiver has accepted. */
  let accepted = 0;

  async function post(event: PaymentEvent): Promise<boolean> {
    const { paymentHash, amountMsat, resource, paidAt } = event;
    const body = JSON.stringify({ type: "payment", paymentHash, amountMsat, resource, paidAt });
    const time = Math.floor(clock().getTime() / 1000);
    try {
      const response = await send(url, {
        method: "POST",
        headers: { "content-type": "application/json", [HEADER]: `t=${time},v1=${signWebhook(key, time, body)}` },
        body,
        // SECURITY: a redirect would send the payment to another server (webhook-log.test.ts, "goes nowhere else"). It
        // is no success either. Workers have no "error".
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  async function deliver(event: PaymentEvent, mostAttempts: number): Promise<void> {
    const began = performance.now();
    for (let failures = 0; ; await pause(pauseMs(failures))) {
      if (await post(event)) return;
      failures++;
      const isLate = waitUntil && performance.now() - began + pauseMs(failures) > SERVERLESS_MS;
      if (failures < mostAttempts && !isLate) continue;
      throw new L402Error(
        "LOG_UNAVAILABLE",
        `The webhook did not accept payment ${event.paymentHash} in ${failures} attempts.`,
      );
    }
  }

  /** Counts a delivery until it is over. */
  function count(delivered: Promise<void>, failed: () => void): Promise<void> {
    const over = delivered
      .then(() => {
        accepted++;
      }, failed)
      .finally(() => waiting.delete(over));
    waiting.add(over);
    return over;
  }

  /**
   * Posts a payment when those before it are through, so that a slow receiver is not flooded. A payment that is not
   * accepted goes behind the others. It is given up if it fails again although others were accepted in between:
   * otherwise the receiver is down, and it waits. `acceptedBefore` is `accepted` when the payment failed before.
   */
  function enqueue(event: PaymentEvent, acceptedBefore?: number): Promise<void> {
    const delivered = lastDelivery.then(async () => {
      const isDown = accepted === acceptedBefore;
      if (isDown) await pause(pauseMs(attempts));
      await deliver(event, isDown ? 1 : attempts);
    });
    lastDelivery = count(delivered, () => {
      if (acceptedBefore === undefined || accepted === acceptedBefore) enqueue(event, accepted).catch(() => {});
      else seen.delete(event.paymentHash);
    });
    return delivered;
  }

  return {
    record(event) {
      if (seen.has(event.paymentHash)) return;
      if (waiting.size >= MAX_WAITING) {
        throw new L402Error(
          "LOG_UNAVAILABLE",
          `The webhook's queue is full, so payment ${event.paymentHash} was not posted.`,
        );
      }
      if (seen.size >= MAX_REMEMBERED) seen.delete(seen.values().next().value as string);
      seen.add(event.paymentHash);
      if (!waitUntil) return enqueue(event);
      const delivered = deliver(event, attempts);
      waitUntil(count(delivered, () => void seen.delete(event.paymentHash)));
      return delivered;
    },

    /** Waits until each payment recorded so far was accepted, or was not in as many attempts as there may be. */
    async flush() {
      await Promise.all(waiting);
    },
  };
}
