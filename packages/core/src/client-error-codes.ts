import type { ErrorCodeEntry } from "./error-codes.ts";

/**
 * The errors that no paywall answers with: those of buyers and of webhook receivers. They have their own table, so that
 * a server does not have to load it. This file has no helper functions, because `docs/errors.md` is generated directly
 * from it and from `error-codes.ts`.
 */
export const CLIENT_ERROR_CODES = {
  WEBHOOK_INVALID: { hint: "Check the webhook secret and the clock. Pass the body as received." },
  INVOICE_MALFORMED: { hint: "Do not pay this invoice. Ask the seller for a new one." },
  CHALLENGE_MALFORMED: { hint: "This request paid nothing. Tell the seller." },
  AMOUNT_MISSING: {
    title: "Invoice without an amount",
    hint: "Do not pay this invoice. Ask the seller for an invoice with an amount.",
  },
  INVOICE_MISMATCH: {
    title: "Invoice does not pay for the token",
    hint: "Do not pay this invoice. The seller's server is faulty or hostile.",
  },
  INVOICE_EXPIRED: {
    hint: "Repeat the request to get a new invoice. Check the clock.",
    retryable: true,
  },
  NETWORK_MISMATCH: {
    title: "Invoice for another network",
    hint: "Use a wallet on the seller's network, and set the option network.",
  },
  BUDGET_EXCEEDED: {
    hint: "This request paid nothing. Raise the limit that the message names, or do not repeat the request.",
  },
  PAYMENT_DECLINED: { hint: "This request paid nothing: the option approve declined it." },
  BODY_NOT_REPLAYABLE: {
    title: "Request body can be sent only once",
    hint: "This request paid nothing. Pass the body as a string, bytes, a Blob or FormData, and not as a stream.",
  },
  INSECURE_ORIGIN: {
    title: "Origin not safe to pay",
    hint: "This request paid nothing. Use https, or add the origin to insecureOrigins.",
  },
  PAYMENT_FAILED: {
    hint: "No money moved. Check the wallet's balance and channels, then repeat the request.",
    retryable: true,
  },
  PAYMENT_OUTCOME_UNKNOWN: {
    title: "Payment may be on its way",
    hint: "Do not pay in another way. Repeat the request later, or call resume(): both ask the wallet. If the wallet shows no payment, call forget({ paymentHash }).",
    retryable: true,
    fundsMoved: "maybe",
  },
  PAYMENT_REJECTED: {
    title: "Paid, but the seller refused the credential",
    hint: "The client sends the credential again with the same request. To pay again, call forget({ paymentHash }) first.",
    fundsMoved: "yes",
  },
  WALLET_NO_PREIMAGE: {
    title: "Wallet paid without a preimage",
    hint: "Use a wallet that returns the preimage: it proves the payment.",
    fundsMoved: "yes",
  },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ClientErrorCode = keyof typeof CLIENT_ERROR_CODES;
