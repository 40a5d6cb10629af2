/** Whether money has left a wallet: what a buyer has to know before trying again. */
export type FundsMoved = "no" | "yes" | "maybe";

interface ErrorCodeEntry {
  /** What happened, in a few words; the `title` of a problem document. */
  title: string;
  /** What to do about it. */
  hint: string;
  /** The HTTP status a paywall answers with; absent where the error never reaches the wire. */
  status?: number;
  /** Whether the same request can succeed later, unchanged. */
  retryable: boolean;
  fundsMoved: FundsMoved;
}

const define = <Code extends string>(table: Record<Code, ErrorCodeEntry>) => table;

/** Every error of every package. `docs/errors.md` is generated from this table. */
export const ERROR_CODES = define({
  CONFIG_INVALID: {
    title: "Invalid configuration",
    hint: "Change the option that the message names.",
    status: 500,
    retryable: false,
    fundsMoved: "no",
  },
  INTERNAL: {
    title: "Internal error",
    hint: "The seller's code failed; nothing was charged. Try again later or tell the seller.",
    status: 500,
    retryable: true,
    fundsMoved: "no",
  },

  CREDENTIAL_MISSING: {
    title: "Payment required",
    hint: "Pay the invoice, then repeat the request with `Authorization: L402 <token>:<preimage>`.",
    status: 402,
    retryable: false,
    fundsMoved: "no",
  },
  CREDENTIAL_EXPIRED: {
    title: "Token expired",
    hint: "Pay the new invoice.",
    status: 402,
    retryable: false,
    fundsMoved: "no",
  },
  CREDENTIAL_USED_UP: {
    title: "Token used up",
    hint: "Pay the new invoice.",
    status: 402,
    retryable: false,
    fundsMoved: "no",
  },
  CREDENTIAL_UNDERPAID: {
    title: "Token paid less than this request costs",
    hint: "Pay the new invoice, or send a request that costs no more than the token paid.",
    status: 402,
    retryable: false,
    fundsMoved: "no",
  },
  CREDENTIAL_WRONG_RESOURCE: {
    title: "Token is for another resource",
    hint: "Use the token where it was bought, or pay the new invoice.",
    status: 402,
    retryable: false,
    fundsMoved: "no",
  },
  CREDENTIAL_NOT_SETTLED: {
    title: "Payment not settled yet",
    hint: "Repeat the request with the same credential in a moment. Do not pay again.",
    status: 402,
    retryable: true,
    fundsMoved: "maybe",
  },
  CREDENTIAL_MALFORMED: {
    title: "Malformed credential",
    hint: "Send exactly one `Authorization: L402 <token>:<preimage>`, with the preimage as 64 hex characters.",
    status: 401,
    retryable: false,
    fundsMoved: "no",
  },
  CREDENTIAL_NOT_AUTHENTIC: {
    title: "Token was not issued here",
    hint: "Drop the token and repeat the request without it to get a new invoice.",
    status: 401,
    retryable: false,
    fundsMoved: "no",
  },
  CREDENTIAL_PREIMAGE_MISMATCH: {
    title: "Preimage does not match the token",
    hint: "Send the preimage of the payment that the token was issued for.",
    status: 401,
    retryable: false,
    fundsMoved: "no",
  },

  PROVIDER_UNREACHABLE: {
    title: "Lightning backend unreachable",
    hint: "Check the backend's address, network and TLS certificate.",
    status: 503,
    retryable: true,
    fundsMoved: "no",
  },
  PROVIDER_TIMEOUT: {
    title: "Lightning backend did not answer in time",
    hint: "Check that the backend is in sync and not overloaded, or raise the timeout.",
    status: 503,
    retryable: true,
    fundsMoved: "no",
  },
  PROVIDER_RATE_LIMITED: {
    title: "Lightning backend limits the rate",
    hint: "Wait, or raise the backend's limit.",
    status: 503,
    retryable: true,
    fundsMoved: "no",
  },
  PROVIDER_UNAUTHORIZED: {
    title: "Lightning backend refused the credentials",
    hint: "Check the API key or macaroon and its permissions.",
    status: 503,
    retryable: false,
    fundsMoved: "no",
  },
  PROVIDER_REJECTED: {
    title: "Lightning backend rejected the request",
    hint: "Check the amount and expiry against the backend's limits.",
    status: 503,
    retryable: false,
    fundsMoved: "no",
  },
  PROVIDER_BAD_RESPONSE: {
    title: "Lightning backend answered something unusable",
    hint: "Check that the address belongs to the named backend, in a supported version, on the configured network.",
    status: 503,
    retryable: true,
    fundsMoved: "no",
  },

  STORE_UNAVAILABLE: {
    title: "Replay protection unavailable",
    hint: "Repeat the request with the same credential later; no use was taken. Do not pay again.",
    status: 503,
    retryable: true,
    fundsMoved: "no",
  },
  LOG_UNAVAILABLE: {
    title: "Payment log unavailable",
    hint: "Check the log's backend. The request was served; only its payment is not written down.",
    retryable: true,
    fundsMoved: "yes",
  },
  TOO_MANY_CHALLENGES: {
    title: "Too many unpaid invoices",
    hint: "Pay an invoice you have, or wait as long as Retry-After says.",
    status: 429,
    retryable: true,
    fundsMoved: "no",
  },
  WEBHOOK_INVALID: {
    title: "Webhook not authentic",
    hint: "Check the webhook secret and the clock, and pass the body exactly as received.",
    retryable: false,
    fundsMoved: "no",
  },

  INVOICE_MALFORMED: {
    title: "Not a valid BOLT11 invoice",
    hint: "Do not pay it; ask for a new one.",
    retryable: false,
    fundsMoved: "no",
  },
  CHALLENGE_MALFORMED: {
    title: "The 402 answer has no usable challenge",
    hint: "The server does not speak L402, or sends a broken challenge. Nothing was paid.",
    retryable: false,
    fundsMoved: "no",
  },
});

export type L402ErrorCode = keyof typeof ERROR_CODES;
