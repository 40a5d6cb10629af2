import { type FundsMoved, L402Error, type L402ErrorCode, type L402ErrorOptions } from "@l402/core";

type Meaning = [L402ErrorCode, L402ErrorOptions?];

const UNAUTHORIZED: Meaning = [
  "PROVIDER_UNAUTHORIZED",
  { hint: "Check the API key and its scopes: RECEIVE for selling, READ and WRITE for paying." },
];
const OFFLINE: Meaning = ["PROVIDER_UNREACHABLE"];

const MEANINGS: Record<string, Meaning> = {
  NOT_AUTHENTICATED: UNAUTHORIZED,
  UNAUTHENTICATED: UNAUTHORIZED,
  NOT_AUTHORIZED: UNAUTHORIZED,
  FORBIDDEN: UNAUTHORIZED,
  // After 60 invoices in one minute, Blink creates none for five minutes.
  TOO_MANY_REQUEST: ["PROVIDER_RATE_LIMITED", { retryAfterSeconds: 300 }],
  RECEIVE_DISABLED: [
    "PROVIDER_REJECTED",
    { hint: "Blink has ended receiving for this account, as it does by country. Use another backend." },
  ],
  LND_OFFLINE: OFFLINE,
  DB_ERROR: OFFLINE,
  DEALER_OFFLINE: OFFLINE,
  PRICE_SERVICE_OFFLINE: OFFLINE,
  INVALID_INPUT: ["PROVIDER_REJECTED", { hint: "Check walletId, which has to be the BTC wallet, and the amount." }],
  LIGHTNING_PAYMENT_ERROR: ["PROVIDER_REJECTED", { hint: "Blink does not know this invoice." }],
  NOT_FOUND: ["PROVIDER_REJECTED"],
  OPERATION_RESTRICTED: ["PROVIDER_REJECTED"],
  TRANSACTION_RESTRICTED: ["PROVIDER_REJECTED"],
  GRAPHQL_VALIDATION_FAILED: ["PROVIDER_REJECTED", { hint: "Blink has changed its API. Update @l402/blink." }],
  GRAPHQL_PARSE_FAILED: ["PROVIDER_REJECTED", { hint: "Blink has changed its API. Update @l402/blink." }],
  BAD_USER_INPUT: ["PROVIDER_REJECTED", { hint: "Check walletId." }],
};

/** Blink sends these codes before it carries out any part of the request. */
const SAID_BEFORE =
  /^(NOT_AUTHENTICATED|UNAUTHENTICATED|NOT_AUTHORIZED|FORBIDDEN|GRAPHQL_VALIDATION_FAILED|GRAPHQL_PARSE_FAILED|BAD_USER_INPUT)$/;

/** Turns one of Blink's error codes into an error. It leaves out Blink's messages, because they repeat the request. */
export function blinkError(code: string | undefined, fundsMoved: FundsMoved): L402Error {
  const [ours, options] = (code !== undefined && Object.hasOwn(MEANINGS, code) && MEANINGS[code]) || UNKNOWN;
  return new L402Error(ours, `Blink refused${code ? ` (${code})` : ""}.`, {
    ...options,
    fundsMoved: code !== undefined && SAID_BEFORE.test(code) ? "no" : fundsMoved,
  });
}

const UNKNOWN: Meaning = [
  "PROVIDER_BAD_RESPONSE",
  { hint: "Try again later; if it stays, ask Blink what the code means." },
];

/**
 * The code of Blink's first error; `undefined` if there is none. Blink reports errors at two levels and in three
 * shapes.
 */
export function firstErrorCode(errors: unknown): { code: string | undefined } | undefined {
  if (errors === undefined || errors === null) return undefined;
  if (!Array.isArray(errors)) return { code: undefined };
  if (errors.length === 0) return undefined;
  const [first] = errors as { code?: unknown; extensions?: { code?: unknown } }[];
  const code = first?.code ?? first?.extensions?.code;
  return { code: typeof code === "string" && /^[A-Z_]{1,60}$/.test(code) ? code : undefined };
}
