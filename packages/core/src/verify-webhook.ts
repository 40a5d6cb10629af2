import { hmacSha256 } from "#crypto";
import { bytesOf, equalBytes, fromHex, toHex } from "./bytes.ts";
import { checkOption } from "./check-option.ts";
import { clientError } from "./client-error.ts";
import { type Clock, systemClock } from "./interfaces/clock.ts";
import type { PaymentEvent } from "./interfaces/payment-log.ts";

export interface WebhookDelivery {
  /** The request's body, exactly as received. */
  body: string;
  /** The `L402-Signature` header. */
  signature: string | null | undefined;
  secret: string | undefined;
  /** How many seconds old a delivery may be. Default 300. */
  toleranceSeconds?: number | undefined;
  clock?: Clock | undefined;
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
  const expected = fromHex(signWebhook(key, Number(time), body));
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
export const signWebhook = (key: Uint8Array, time: number, body: string) => toHex(hmacSha256(key, `${time}.${body}`));

/** Checks the option `secret` of a function, and makes a key of it. */
export function webhookKey(secret: string | undefined, owner: string): Uint8Array {
  const bytes = typeof secret === "string" ? bytesOf(secret) : new Uint8Array();
  const missing = secret ? "" : " is missing. It";
  checkOption(
    bytes.length >= 32,
    `${owner}: secret${missing}`,
    "at least 32 bytes, such as from `openssl rand -hex 32`",
  );
  return bytes;
}

const invalid = (reason: string) => clientError("WEBHOOK_INVALID", reason);
