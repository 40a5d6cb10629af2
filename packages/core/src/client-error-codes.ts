import type { ErrorCodeEntry } from "./error-codes.ts";

/**
 * The errors that no paywall answers with: those of buyers and of webhook receivers. They have their own table, so that
 * a server does not have to load it. This file has no helper functions, because `docs/errors.md` is generated directly
 * from it and from `error-codes.ts`.
 */
export const CLIENT_ERROR_CODES = {
  WEBHOOK_INVALID: { hint: "Check the webhook secret and the clock, and pass the body as received." },
  INVOICE_MALFORMED: { hint: "Do not pay it; ask for a new one." },
  CHALLENGE_MALFORMED: { hint: "The server does not speak L402, or not correctly. Nothing was paid." },
  AMOUNT_MISSING: { hint: "Do not pay it: it takes whatever is sent. Ask the seller for an invoice with an amount." },
  INVOICE_MISMATCH: {
    title: "Invoice does not pay for the token",
    hint: "Do not pay it. The seller's server, or something in between, is wrong or hostile.",
  },
  INVOICE_EXPIRED: {
    hint: "Repeat the request to get a new invoice, and check the clock.",
    retryable: true,
  },
  NETWORK_MISMATCH: { hint: "Use a wallet on the seller's network, or name that network in the options." },
  BUDGET_EXCEEDED: { hint: "Raise the limit that the message names, or do without." },
  PAYMENT_DECLINED: { hint: "The approve option of the client declined it. Nothing was paid." },
  BODY_NOT_REPLAYABLE: {
    title: "Request body can be sent only once",
    hint: "Pass the body as a string, bytes, a Blob or FormData, and not as a stream.",
  },
  INSECURE_ORIGIN: {
    title: "Origin not safe to pay",
    hint: "Use https and a public host, or allow this origin.",
  },
  PAYMENT_FAILED: {
    hint: "Check the wallet's balance and channels, then repeat the request.",
    retryable: true,
  },
  PAYMENT_OUTCOME_UNKNOWN: {
    title: "Payment may be on its way",
    hint: "Do not pay another way. Repeat the request later or call resume(): both ask the wallet. If it shows no payment, forget({ paymentHash }).",
    retryable: true,
    fundsMoved: "maybe",
  },
  PAYMENT_REJECTED: {
    title: "Paid, but the seller refused the credential",
    hint: "Keep the credential and ask the seller; do not pay again.",
    fundsMoved: "yes",
  },
  WALLET_NO_PREIMAGE: {
    title: "Wallet paid without a preimage",
    hint: "Use a wallet that hands out the preimage; without it a payment cannot be proven.",
    fundsMoved: "yes",
  },
} as const satisfies Record<string, ErrorCodeEntry>;

export type ClientErrorCode = keyof typeof CLIENT_ERROR_CODES;
