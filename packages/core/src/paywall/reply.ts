import type { InvoiceSummary } from "@l402/bolt11";
import { entryOf, L402Error, titleOf } from "../errors.ts";
import { jsonText } from "../json-text.ts";
import { formatChallenge } from "../wire/challenge-header.ts";
import type { Denied, PaywallRequest, Reply } from "./paywall.ts";
import type { CheckedTerms } from "./terms.ts";

/** The parts of the terms that a refusal shows. */
export type OfferedTerms = Pick<CheckedTerms, "amountMsat" | "uses" | "validForSeconds" | "description">;

/** An invoice and the token that it buys. */
export interface Offer {
  invoice: Pick<InvoiceSummary, "bolt11" | "paymentHash" | "expiresAt">;
  token: string;
  terms: OfferedTerms;
  resource: string;
}

/** The headers for a paid response. It belongs to the buyer who paid, so no shared cache may store it. */
export const GRANTED_HEADERS: Reply["headers"] = [
  ["Cache-Control", "private"],
  ["Vary", "Authorization"],
];

/**
 * Returns the HTTP status of an error. It comes from the table and not from the error, because an object that only
 * looks like an error could say 200.
 *
 * SECURITY: create-paywall.config.test.ts, "a status of its own".
 */
export const statusOf = (error: L402Error): number => entryOf(error.code)?.status ?? 500;

export function deny(request: PaywallRequest, error: L402Error, offer?: Offer): Denied {
  // A reply with an invoice always has status 402, even if the error alone would be a 401.
  const status = offer ? 402 : statusOf(error);
  const headers: [string, string][] = [
    ["Content-Type", "application/problem+json"],
    ["Cache-Control", "no-store"],
    ["Vary", "Authorization, Accept"],
    // Anyone may request a refusal, so a page of another origin may read it. An app's own value of this header stays.
    ["Access-Control-Allow-Origin", "*"],
    ["Access-Control-Expose-Headers", "WWW-Authenticate, Retry-After"],
  ];
  const challenge = offer && { token: offer.token, invoice: offer.invoice.bolt11 };
  // A 401 or 402, and no other status is below 403, names the scheme also without an offer.
  const lines = challenge ? formatChallenge(challenge) : status < 403 ? ["L402"] : [];
  for (const line of lines) headers.push(["WWW-Authenticate", line]);
  const retryAfter = Math.ceil(error.retryAfterSeconds ?? (status === 503 ? 5 : 0));
  if (retryAfter > 0) headers.push(["Retry-After", String(retryAfter)]);
  const reply = { status, headers, body: request.method === "HEAD" ? "" : body(status, error, offer) };
  return { outcome: "denied", reply, error, ...(challenge && { challenge }) };
}

/** Writes the RFC 9457 problem details. With an offer, they contain everything a program needs to pay. */
function body(status: number, error: L402Error, offer: Offer | undefined): string {
  const { code } = error;
  // Problems of the seller's backend, and their fixes, are for the seller to read. A buyer can only wait.
  const {
    message: detail,
    retryable,
    hint,
  } = status === 503 ? new L402Error("STORE_UNAVAILABLE", "The seller's server has a problem.") : error;
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
  // The invoice and token are most of the body. Searching a text for characters to escape takes longer than everything
  // else here, so the token is searched once, and fields that cannot contain such characters are not searched.
  const { bolt11, paymentHash, expiresAt } = offer.invoice;
  const token = jsonText(offer.token);
  return (
    `${text.slice(0, -1)},"howToPay":"${HOW_TO_PAY}","paymentHash":"${paymentHash}","expiresAt":"${expiresAt.toISOString()}"` +
    `,"invoice":"${bolt11}","token":${token},"macaroon":${token}}`
  );
}

const HOW_TO_PAY =
  "Pay the invoice before expiresAt. Your wallet then shows the preimage, 64 hex characters. " +
  "Then repeat the request with `Authorization: L402 <token>:<preimage>`.";

/** The terms as fields of the body. `macaroon` (above) and `priceSats` are the names that older clients look for. */
const describe = ({ terms: { amountMsat, uses, validForSeconds, description }, resource }: Offer) => ({
  price: { sats: amountMsat / 1000, msat: amountMsat },
  priceSats: Math.ceil(amountMsat / 1000),
  resource,
  description,
  uses,
  validForSeconds,
});
