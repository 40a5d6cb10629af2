import type { ClientErrorCode } from "./client-error-codes.ts";

/** Whether money has left a wallet: what a buyer has to know before trying again. */
export type FundsMoved = "no" | "yes" | "maybe";

export interface ErrorCodeEntry {
  /** The HTTP status a paywall answers with; absent where the error never reaches the wire. */
  status?: number;
  /** What happened, in a few words, where the code does not say it well; the `title` of a problem document. */
  title?: string;
  /** What to do about it. */
  hint: string;
  /** Whether the same request can succeed later, unchanged. Not, unless an entry says so. */
  retryable: boolean;
  /** Not, unless an entry says so. */
  fundsMoved: FundsMoved;
}

type Exception = Partial<Pick<ErrorCodeEntry, "title" | "retryable" | "fundsMoved">>;

const local = (hint: string, exception?: Exception): ErrorCodeEntry => ({
  hint,
  retryable: false,
  fundsMoved: "no",
  ...exception,
});
const wire = (status: number, ...entry: Parameters<typeof local>): ErrorCodeEntry => ({ status, ...local(...entry) });

const RETRYABLE: Exception = { retryable: true };

/** What a paywall can fail with. `docs/errors.md` is generated from this table and that of `client-error-codes.ts`. */
export const ERROR_CODES = {
  CONFIG_INVALID: wire(500, "Change the option it names."),
  INTERNAL: wire(500, "The seller's code failed. Try again later.", { title: "Internal error", retryable: true }),

  CREDENTIAL_MISSING: wire(
    402,
    "Pay the invoice, then repeat the request with `Authorization: L402 <token>:<preimage>`.",
    { title: "Payment required" },
  ),
  CREDENTIAL_EXPIRED: wire(402, "Pay the new invoice."),
  CREDENTIAL_USED_UP: wire(402, "Pay the new invoice."),
  CREDENTIAL_UNDERPAID: wire(402, "Pay the new invoice, or ask for what costs no more."),
  CREDENTIAL_WRONG_RESOURCE: wire(402, "Pay the new invoice, or use the token where it was bought."),
  CREDENTIAL_NOT_SETTLED: wire(402, "Repeat the request with the same credential in a moment. Do not pay again.", {
    retryable: true,
    fundsMoved: "maybe",
  }),
  CREDENTIAL_MALFORMED: wire(
    401,
    "Send one `Authorization: L402 <token>:<preimage>`, the preimage as 64 hex characters.",
  ),
  CREDENTIAL_NOT_AUTHENTIC: wire(401, "Repeat the request without it to get an invoice."),
  CREDENTIAL_PREIMAGE_MISMATCH: wire(401, "Send the preimage of the token's own payment."),

  PROVIDER_UNREACHABLE: wire(503, "Check its address and TLS certificate.", RETRYABLE),
  PROVIDER_TIMEOUT: wire(503, "Check that it is in sync, or raise the timeout.", RETRYABLE),
  PROVIDER_RATE_LIMITED: wire(503, "Wait, or raise its limits.", RETRYABLE),
  PROVIDER_UNAUTHORIZED: wire(503, "Check the API key and its permissions."),
  PROVIDER_REJECTED: wire(503, "Check the amount against its limits."),
  PROVIDER_BAD_RESPONSE: wire(503, "Check its address and version.", RETRYABLE),

  STORE_UNAVAILABLE: wire(503, "Repeat the request with the same credential in a moment. Do not pay again.", RETRYABLE),
  LOG_UNAVAILABLE: local("Check its backend; the request was served.", {
    retryable: true,
    fundsMoved: "yes",
  }),
  TOO_MANY_CHALLENGES: wire(429, "Pay an invoice you have, or wait.", RETRYABLE),
};

/** The codes of all packages. */
export type L402ErrorCode = keyof typeof ERROR_CODES | ClientErrorCode;
