import { ERROR_CODES, type FundsMoved, type L402ErrorCode } from "./error-codes.ts";

const MARK = Symbol.for("l402.error");

export interface L402ErrorOptions {
  hint?: string;
  retryable?: boolean;
  fundsMoved?: FundsMoved;
  retryAfterSeconds?: number;
  /** SECURITY: only pass a cause that cannot hold a secret, such as another L402Error (test: errors.test.ts). */
  cause?: unknown;
}

/** The one error class of all packages. Tell errors apart by `code`. Without a message, its code's title says enough. */
export class L402Error extends Error {
  override readonly name = "L402Error";
  readonly code: L402ErrorCode;
  readonly status?: number;
  readonly retryable: boolean;
  readonly fundsMoved: FundsMoved;
  readonly hint: string;
  readonly retryAfterSeconds?: number;

  constructor(code: L402ErrorCode, message?: string, options: L402ErrorOptions = {}) {
    const entry = ERROR_CODES[code];
    super(message ?? `${entry.title}.`, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    if (entry.status !== undefined) this.status = entry.status;
    this.retryable = options.retryable ?? entry.retryable;
    this.fundsMoved = options.fundsMoved ?? entry.fundsMoved;
    this.hint = options.hint ?? entry.hint;
    if (options.retryAfterSeconds !== undefined) this.retryAfterSeconds = options.retryAfterSeconds;
    Object.defineProperty(this, MARK, { value: true });
  }
}

/** True for errors of this SDK, also when two copies of a package are installed. */
export const isL402Error = (value: unknown): value is L402Error =>
  typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[MARK] === true;
