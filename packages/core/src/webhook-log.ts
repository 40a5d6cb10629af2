import { hmacSha256 } from "#crypto";
import { bytesOf, equalBytes, fromHex, toHex } from "./bytes.ts";
import { checkOption } from "./check-option.ts";
import { clientError } from "./client-error.ts";
import { L402Error } from "./errors.ts";
import { type Clock, systemClock } from "./interfaces/clock.ts";
import type { PaymentEvent, PaymentLog } from "./interfaces/payment-log.ts";
import { refuseUnknownOptions } from "./known-options.ts";

export interface WebhookLogOptions {
  /**
   * The URL that payments are posted to. Each payment is posted at least once. It is posted again by a second server,
   * after a restart, and, if a post was not accepted, at the next use of that payment.
   */
  url: string;
  /** Signs the posts. At least 32 bytes, shared with the receiver. */
  secret: string | undefined;
  /** How often one post is tried, with a pause that starts at one second and doubles. Default 6. */
  attempts?: number;
  fetch?: typeof fetch;
  clock?: Clock;
}

const HEADER = "l402-signature";
const MAX_WAITING = 10_000;
const MAX_REMEMBERED = 100_000;
const TIMEOUT_MS = 10_000;

/**
 * Makes a payment log that posts each payment to a URL of yours, signed. The receiver checks it with `verifyWebhook`.
 */
export function webhookLog(options: WebhookLogOptions): PaymentLog & { flush(): Promise<void> } {
  refuseUnknownOptions("webhookLog", options, ["url", "secret", "attempts", "fetch", "clock"]);
  const { url, attempts = 6, fetch: send = fetch, clock = systemClock } = options;
  if (!URL.canParse(url))
    throw new L402Error(
      "CONFIG_INVALID",
      "webhookLog: url must be the URL of your receiver, such as https://example.com/payments.",
    );
  const key = webhookKey(options.secret, "webhookLog");
  const seen = new Set<string>();
  let lastDelivery = Promise.resolve();
  let waiting = 0;

  async function post(event: PaymentEvent): Promise<boolean> {
    const { paymentHash, amountMsat, resource, paidAt } = event;
    const body = JSON.stringify({ type: "payment", paymentHash, amountMsat, resource, paidAt });
    const time = Math.floor(clock().getTime() / 1000);
    try {
      const response = await send(url, {
        method: "POST",
        headers: { "content-type": "application/json", [HEADER]: `t=${time},v1=${signature(key, time, body)}` },
        body,
        // SECURITY: a redirect would send the payment to another server (webhook-log.test.ts, "goes nowhere else").
        redirect: "error",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      return response.ok;
    } catch {
      return false;
    }
  }

  async function deliver(event: PaymentEvent): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** (attempt - 1)));
      if (await post(event)) return;
    }
    throw new L402Error(
      "LOG_UNAVAILABLE",
      `The webhook did not accept payment ${event.paymentHash} in ${attempts} attempts.`,
    );
  }

  return {
    record(event) {
      if (seen.has(event.paymentHash)) return;
      if (waiting >= MAX_WAITING) {
        throw new L402Error(
          "LOG_UNAVAILABLE",
          `The webhook's queue is full, so payment ${event.paymentHash} was not posted.`,
        );
      }
      if (seen.size >= MAX_REMEMBERED) seen.delete(seen.values().next().value as string);
      seen.add(event.paymentHash);
      waiting++;
      // Payments are posted one after the other, so that a slow receiver is not flooded.
      const delivered = lastDelivery
        .then(() => deliver(event))
        .catch((error: unknown) => {
          seen.delete(event.paymentHash);
          throw error;
        });
      lastDelivery = delivered
        .catch(() => {})
        .finally(() => {
          waiting--;
        });
      return delivered;
    },
    flush: () => lastDelivery,
  };
}

export interface WebhookDelivery {
  /** The request's body, exactly as received. */
  body: string;
  /** The `L402-Signature` header. */
  signature: string | null | undefined;
  secret: string | undefined;
  /** How many seconds old a delivery may be. Default 300. */
  toleranceSeconds?: number;
  clock?: Clock;
}

/**
 * Returns the payment in a webhook's body. Throws WEBHOOK_INVALID unless the body was signed with the secret, and
 * recently.
 */
export function verifyWebhook(delivery: WebhookDelivery): PaymentEvent {
  const { body, toleranceSeconds = 300, clock = systemClock } = delivery;
  const key = webhookKey(delivery.secret, "verifyWebhook");
  const [, time, given] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(delivery.signature ?? "") ?? [];
  if (!time || !given) throw invalid("The L402-Signature header is missing or malformed.");
  const expected = fromHex(signature(key, Number(time), body));
  const actual = fromHex(given);
  if (!expected || !actual || !equalBytes(expected, actual))
    throw invalid("The signature does not match: another secret signed this body, or the body was changed.");
  const ageSeconds = Math.abs(clock().getTime() / 1000 - Number(time));
  if (!(ageSeconds <= toleranceSeconds))
    throw invalid("The delivery is too old, or the clock of the sender or receiver is wrong.");

  try {
    const { paymentHash, amountMsat, resource, paidAt } = JSON.parse(body);
    return { paymentHash, amountMsat, resource, paidAt: new Date(paidAt) };
  } catch {
    throw invalid("The signature is valid, but the body is not a payment.");
  }
}

/** Signs a body. The time is signed too, so that an old delivery cannot be sent again as a new one. */
const signature = (key: Uint8Array, time: number, body: string) => toHex(hmacSha256(key, `${time}.${body}`));

function webhookKey(secret: string | undefined, factory: string): Uint8Array {
  const bytes = typeof secret === "string" ? bytesOf(secret) : new Uint8Array();
  const missing = secret ? "" : " is missing. It";
  checkOption(
    bytes.length >= 32,
    `${factory}: secret${missing}`,
    "at least 32 bytes, such as from `openssl rand -hex 32`",
  );
  return bytes;
}

const invalid = (reason: string) => clientError("WEBHOOK_INVALID", reason);
