import { type FundsMoved, L402Error, type L402ErrorCode, type L402ErrorOptions } from "@l402/core";

type Meaning = [L402ErrorCode, L402ErrorOptions?];

const UNAUTHORIZED: Meaning = [
  "PROVIDER_UNAUTHORIZED",
  { hint: "Blink refuses the API key. Check the key and its scopes: RECEIVE for selling, READ and WRITE for paying." },
];
const OFFLINE: Meaning = [
  "PROVIDER_UNREACHABLE",
  { hint: "A part of Blink's service does not work at the moment. Try again later." },
];

const RESTRICTED: Meaning = [
  "PROVIDER_REJECTED",
  { hint: "Blink restricts this account. Look into the Blink app for the reason, or ask Blink's support." },
];
const CHANGED: Meaning = [
  "PROVIDER_REJECTED",
  { hint: "Blink's API has changed, or url is not its GraphQL address. Check url, and update @l402/blink." },
];

const MEANINGS: Record<string, Meaning> = {
  NOT_AUTHENTICATED: UNAUTHORIZED,
  UNAUTHENTICATED: UNAUTHORIZED,
  NOT_AUTHORIZED: UNAUTHORIZED,
  FORBIDDEN: UNAUTHORIZED,
  // After 60 invoices in one minute, Blink creates none for five minutes.
  TOO_MANY_REQUEST: [
    "PROVIDER_RATE_LIMITED",
    { hint: "Blink limits the requests of each account. Wait five minutes.", retryAfterSeconds: 300 },
  ],
  RECEIVE_DISABLED: [
    "PROVIDER_REJECTED",
    {
      hint: "Blink does not let this account receive payments, for example because of its country. Use another backend.",
    },
  ],
  LND_OFFLINE: OFFLINE,
  DB_ERROR: OFFLINE,
  DEALER_OFFLINE: OFFLINE,
  PRICE_SERVICE_OFFLINE: OFFLINE,
  INVALID_INPUT: [
    "PROVIDER_REJECTED",
    { hint: "Check that walletId is the id of the BTC wallet, and check the amount." },
  ],
  LIGHTNING_PAYMENT_ERROR: ["PROVIDER_REJECTED", { hint: "Blink has no invoice with this payment hash." }],
  NOT_FOUND: ["PROVIDER_REJECTED", { hint: "Blink does not find what the request names. Check walletId." }],
  OPERATION_RESTRICTED: RESTRICTED,
  TRANSACTION_RESTRICTED: RESTRICTED,
  GRAPHQL_VALIDATION_FAILED: CHANGED,
  GRAPHQL_PARSE_FAILED: CHANGED,
  BAD_USER_INPUT: ["PROVIDER_REJECTED", { hint: "Blink refuses a value in the request. Check walletId." }],
};

/** Blink sends these codes before it carries out any part of the request. */
const SAID_BEFORE =
  /^(NOT_AUTHENTICATED|UNAUTHENTICATED|NOT_AUTHORIZED|FORBIDDEN|GRAPHQL_VALIDATION_FAILED|GRAPHQL_PARSE_FAILED|BAD_USER_INPUT)$/;

/** Turns one of Blink's error codes into an error. It leaves out Blink's messages, because they repeat the request. */
export function blinkError(code: string | undefined, fundsMoved: FundsMoved): L402Error {
  const [ours, options] = (code !== undefined && Object.hasOwn(MEANINGS, code) && MEANINGS[code]) || UNKNOWN;
  return new L402Error(ours, `Blink refused the request${code ? ` with the code ${code}` : " without a code"}.`, {
    ...options,
    fundsMoved: code !== undefined && SAID_BEFORE.test(code) ? "no" : fundsMoved,
  });
}

const UNKNOWN: Meaning = [
  "PROVIDER_BAD_RESPONSE",
  { hint: "Try again later. If Blink still refuses, ask Blink's support about the code." },
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
