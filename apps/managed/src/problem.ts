/** What a request can be refused with: its status and title. The detail says what exactly is wrong. */
export const PROBLEMS = {
  BODY_INVALID: [400, "The request body is not valid"],
  QUERY_INVALID: [400, "The query of the request is not valid"],
  ADDRESS_INVALID: [422, "The Lightning Address cannot be paid"],
  AMOUNT_INVALID: [422, "The amount is not valid"],
  INVOICE_INVALID: [422, "The invoice cannot be paid"],
  KEY_MISSING: [401, "An API key is needed"],
  KEY_WRONG: [401, "The API key is not valid"],
  NOT_FOUND: [404, "Not found"],
  METHOD_NOT_ALLOWED: [405, "Method not allowed"],
  IDEMPOTENCY_KEY_MISSING: [400, "An Idempotency-Key is needed"],
  IDEMPOTENCY_KEY_REUSED: [422, "The Idempotency-Key was used for another request"],
  PREIMAGE_WRONG: [422, "The preimage does not match the payment"],
  ALREADY_REFUNDED: [409, "The payment was already refunded"],
  ALREADY_UNDER_WAY: [409, "The operation is still running"],
  BALANCE_TOO_LOW: [409, "The balance is too low"],
  BALANCE_CAP: [409, "The balance is too high for more invoices"],
  BILL_DUE: [409, "A bill is due"],
  TOO_MANY_REQUESTS: [429, "Too many requests"],
  BODY_TOO_LARGE: [413, "The request body is too large"],
  INVOICES_STOPPED: [503, "New invoices are stopped"],
  PAYOUTS_PAUSED: [503, "Payouts are paused"],
  NODE_UNAVAILABLE: [503, "The Lightning node cannot be reached"],
  INTERNAL: [500, "Internal error"],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemCode = keyof typeof PROBLEMS;

export interface Problem {
  code: ProblemCode;
  status: number;
  title: string;
  detail: string;
  retryAfterSeconds?: number;
}

const MARK = Symbol("problem");

/** An error for whoever sent the request, as RFC 9457 has it. Throw it. */
export function problem(code: ProblemCode, detail: string, retryAfterSeconds?: number): Error {
  const [status, title] = PROBLEMS[code];
  const told: Problem = { code, status, title, detail, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
  return Object.assign(new Error(detail), { [MARK]: told });
}

/** What an error tells the sender; `undefined` for one that is none of theirs. */
export const problemOf = (error: unknown): Problem | undefined =>
  (error as { [MARK]?: Problem } | null | undefined)?.[MARK];
