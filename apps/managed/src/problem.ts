/** What a request can be refused with: its status and title. The detail says what exactly is wrong. */
export const PROBLEMS = {
  BODY_INVALID: [400, "The request's body is not what this operation takes"],
  QUERY_INVALID: [400, "The request's query is not what this operation takes"],
  ADDRESS_INVALID: [422, "Not a Lightning Address that can be paid"],
  AMOUNT_INVALID: [422, "Not an amount that can be invoiced"],
  INVOICE_INVALID: [422, "Not an invoice that can be paid"],
  KEY_MISSING: [401, "An API key is needed"],
  KEY_WRONG: [401, "No such API key"],
  NOT_FOUND: [404, "There is no such thing"],
  METHOD_NOT_ALLOWED: [405, "There is no such method here"],
  IDEMPOTENCY_KEY_MISSING: [400, "An Idempotency-Key is needed"],
  IDEMPOTENCY_KEY_REUSED: [422, "The Idempotency-Key was used for something else"],
  PREIMAGE_WRONG: [422, "Not the preimage of this payment"],
  ALREADY_REFUNDED: [409, "The payment was refunded before"],
  ALREADY_UNDER_WAY: [409, "This is under way already"],
  BALANCE_TOO_LOW: [409, "The balance is too low"],
  BALANCE_CAP: [409, "The balance is too high for more invoices"],
  BILL_DUE: [409, "A bill is due"],
  TOO_MANY_REQUESTS: [429, "Too many requests"],
  BODY_TOO_LARGE: [413, "The request's body is too large"],
  INVOICES_STOPPED: [503, "The service makes no new invoices"],
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
