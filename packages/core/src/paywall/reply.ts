import type { InvoiceSummary } from "@l402/bolt11";
import { entryOf, L402Error, titleOf } from "../errors.ts";
import { quote } from "../quote.ts";
import { formatChallenge } from "../wire/challenge-header.ts";
import type { Denied, PaywallRequest, Reply } from "./paywall.ts";
import type { CheckedTerms } from "./terms.ts";

/** What a refusal says of the terms. */
export type OfferedTerms = Pick<CheckedTerms, "amountMsat" | "uses" | "validForSeconds" | "description">;

/** An invoice and the token it buys. */
export interface Offer {
  invoice: Pick<InvoiceSummary, "bolt11" | "paymentHash" | "expiresAt">;
  token: string;
  terms: OfferedTerms;
  resource: string;
}

/** For the response of a handler that ran: it belongs to the one who paid. */
export const GRANTED_HEADERS: Reply["headers"] = [
  ["Cache-Control", "private"],
  ["Vary", "Authorization"],
];

/**
 * By the table and not by the error: an object that only looks like an error could say 200.
 *
 * SECURITY: create-paywall.config.test.ts, "a status of its own".
 */
export const statusOf = (error: L402Error): number => entryOf(error.code)?.status ?? 500;

export function deny(request: PaywallRequest, error: L402Error, offer?: Offer): Denied {
  // An invoice is only ever sent with a 402, also where the error alone would be a 401.
  const status = offer ? 402 : statusOf(error);
  const headers: [string, string][] = [
    ["Content-Type", "application/problem+json"],
    ["Cache-Control", "no-store"],
    ["Vary", "Authorization, Accept"],
    // A page of another origin may read what anybody may ask for. An app's own answer to this stays.
    ["Access-Control-Allow-Origin", "*"],
    ["Access-Control-Expose-Headers", "WWW-Authenticate, Retry-After"],
  ];
  const challenge = offer && { token: offer.token, invoice: offer.invoice.bolt11 };
  if (challenge) {
    for (const line of formatChallenge(challenge)) headers.push(["WWW-Authenticate", line]);
  } else if (status === 401 || status === 402) {
    headers.push(["WWW-Authenticate", "L402"]);
  }
  const retryAfter = Math.ceil(error.retryAfterSeconds ?? (status === 503 ? 5 : 0));
  if (retryAfter > 0) headers.push(["Retry-After", String(retryAfter)]);
  const reply = { status, headers, body: request.method === "HEAD" ? "" : body(status, error, offer) };
  return { outcome: "denied", reply, error, ...(challenge && { challenge }) };
}

/** RFC 9457 problem details; with an offer, everything a program needs to pay, and nothing else to read. */
function body(status: number, error: L402Error, offer: Offer | undefined): string {
  const { code } = error;
  // What is wrong with the seller's backend, and what to do about it, is the seller's to read; a buyer can only wait.
  const {
    message: detail,
    retryable,
    hint,
  } = code.startsWith("PROVIDER_")
    ? new L402Error("STORE_UNAVAILABLE", "The seller's Lightning backend must answer first.")
    : error;
  const text = JSON.stringify({
    title: titleOf(code),
    status,
    code,
    detail,
    retryable,
    hint,
    ...(offer && describe(offer)),
  });
  if (!offer) return text;
  // Most of the body. To look for what has to be escaped takes longer than all the rest, so it is done once, and not at all
  // where nothing can be.
  const { bolt11, paymentHash, expiresAt } = offer.invoice;
  const token = quote(offer.token);
  return (
    `${text.slice(0, -1)},"howToPay":"${HOW_TO_PAY}","paymentHash":"${paymentHash}","expiresAt":"${expiresAt.toISOString()}"` +
    `,"invoice":"${bolt11}","token":${token},"macaroon":${token}}`
  );
}

const HOW_TO_PAY =
  "Pay the invoice before expiresAt. Your wallet then shows the preimage, 64 hex characters. " +
  "Then repeat the request with `Authorization: L402 <token>:<preimage>`.";

/** `macaroon` and `priceSats` are the names that older clients look for. */
const describe = ({ terms: { amountMsat, uses, validForSeconds, description }, resource }: Offer) => ({
  price: { sats: amountMsat / 1000, msat: amountMsat },
  priceSats: Math.ceil(amountMsat / 1000),
  resource,
  description,
  uses,
  validForSeconds,
});
