import type { ClientErrorCode } from "./client-error-codes.ts";

/** Whether money has left a wallet. A buyer has to know that before trying again. */
export type FundsMoved = "no" | "yes" | "maybe";

export interface ErrorCodeEntry {
  /** The HTTP status that a paywall answers with. Absent if no paywall answers with this error. */
  status?: number;
  /** The `title` of a problem document: the error in a few words. Absent if the code itself says it well. */
  title?: string;
  /** How to fix the problem. */
  hint: string;
  /** True if the same request can succeed later, unchanged. Default false. */
  retryable?: boolean;
  /** Default "no". */
  fundsMoved?: FundsMoved;
}

/**
 * The errors that a paywall answers with. `docs/errors.md` is generated from this table and the one in
 * `client-error-codes.ts`.
 */
export const ERROR_CODES = {
  CONFIG_INVALID: { status: 500, hint: "Correct the option that the message names." },
  INTERNAL: {
    status: 500,
    title: "Internal error",
    hint: "The seller's code failed. Repeat the request later.",
    retryable: true,
  },

  CREDENTIAL_MISSING: {
    status: 402,
    title: "Payment required",
    hint: "Pay the invoice, then repeat the request with `Authorization: L402 <token>:<preimage>`.",
  },
  CREDENTIAL_EXPIRED: { status: 402, hint: "Pay the new invoice." },
  CREDENTIAL_USED_UP: { status: 402, hint: "Pay the new invoice." },
  CREDENTIAL_UNDERPAID: { status: 402, hint: "Pay the new invoice, or use the token for a cheaper request." },
  CREDENTIAL_WRONG_RESOURCE: {
    status: 402,
    title: "Credential is for another resource",
    hint: "Pay the new invoice, or use the token for its own resource.",
  },
  CREDENTIAL_NOT_SETTLED: {
    status: 402,
    title: "Payment not settled",
    hint: "Repeat the request in a moment, with the same credential if you sent one. Do not pay again.",
    retryable: true,
    fundsMoved: "maybe",
  },
  CREDENTIAL_MALFORMED: {
    status: 401,
    hint: "Send one header `Authorization: L402 <token>:<preimage>`. The preimage is 64 hex characters.",
  },
  CREDENTIAL_NOT_AUTHENTIC: {
    status: 401,
    // The title is written out, because anyone can cause this error as often as they like. Deriving the title from the
    // code takes a third of the time of a refusal.
    title: "Credential not authentic",
    hint: "Repeat the request without the credential to get an invoice.",
  },
  CREDENTIAL_PREIMAGE_MISMATCH: { status: 401, hint: "Send the preimage of the token's invoice." },

  PROVIDER_UNREACHABLE: { status: 503, hint: "Check the provider's address and TLS certificate.", retryable: true },
  PROVIDER_TIMEOUT: {
    status: 503,
    hint: "Check that the provider is in sync, or raise the timeout.",
    retryable: true,
  },
  PROVIDER_RATE_LIMITED: { status: 503, hint: "Wait, or raise the provider's limits.", retryable: true },
  PROVIDER_UNAUTHORIZED: { status: 503, hint: "Check the API key and its permissions." },
  PROVIDER_REJECTED: { status: 503, hint: "Check the amount against the provider's limits." },
  PROVIDER_BAD_RESPONSE: { status: 503, hint: "Check the provider's address and version.", retryable: true },

  STORE_UNAVAILABLE: {
    status: 503,
    hint: "Repeat the request in a moment, with the same credential if you sent one. Do not pay again.",
    retryable: true,
  },
  LOG_UNAVAILABLE: {
    hint: "Check the payment log's server. The request was served.",
    retryable: true,
    fundsMoved: "yes",
  },
  TOO_MANY_CHALLENGES: {
    status: 429,
    title: "Too many unpaid invoices",
    hint: "Pay an invoice that you have, or wait.",
    retryable: true,
  },
} as const satisfies Record<string, ErrorCodeEntry>;

/** The error codes of all packages. */
export type L402ErrorCode = keyof typeof ERROR_CODES | ClientErrorCode;
