import { ERROR_CODES, type ErrorCodeEntry, type FundsMoved, type L402ErrorCode } from "./error-codes.ts";

const MARK = Symbol.for("l402.error");

export interface L402ErrorOptions {
  hint?: string;
  retryable?: boolean;
  fundsMoved?: FundsMoved;
  retryAfterSeconds?: number;
  /** SECURITY: only pass a cause that cannot hold a secret, such as another L402Error (test: errors.test.ts). */
  cause?: unknown;
}

/**
 * The one error class of all packages. Tell errors apart by `code`. Without a message, its code's title says enough. Errors
 * of a buyer are made by `clientError`, which knows their entries.
 */
export class L402Error extends Error {
  declare readonly name: "L402Error";
  declare readonly code: L402ErrorCode;
  declare readonly status?: number;
  declare readonly retryable: boolean;
  declare readonly fundsMoved: FundsMoved;
  declare readonly hint: string;
  declare readonly retryAfterSeconds?: number;

  constructor(code: L402ErrorCode, message?: string, options: L402ErrorOptions = {}) {
    const entry = entryOf(code);
    // Where a refusal was made helps nobody, and to find it out costs ten times as much as all the rest of refusing.
    const { stackTraceLimit = 0 } = Error as { stackTraceLimit?: number };
    const isRefusal = stackTraceLimit > 0 && code.startsWith("CREDENTIAL_");
    // Not by assignment, which throws where a program has frozen what is built in.
    if (isRefusal) Reflect.set(Error, "stackTraceLimit", 0);
    super(message ?? `${titleOf(code)}.`, options);
    if (isRefusal) Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
    this.code = code;
    if (entry?.status !== undefined) this.status = entry.status;
    this.retryable = options.retryable ?? entry?.retryable ?? false;
    this.fundsMoved = options.fundsMoved ?? entry?.fundsMoved ?? "no";
    this.hint = options.hint ?? entry?.hint ?? "";
    if (options.retryAfterSeconds !== undefined) this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

// Once for all: to define them takes longer than all the rest of making an error. Not in the class, which compilers would
// call by another name then, and stacks would show that.
Object.defineProperty(L402Error.prototype, "name", { value: "L402Error" });
Object.defineProperty(L402Error.prototype, MARK, { value: true });

/** True for errors of this SDK, also when two copies of a package are installed. */
export const isL402Error = (value: unknown): value is L402Error =>
  typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[MARK] === true;

/** What happened, in a few words: those of the code, unless its entry has better ones. */
export const titleOf = (code: string): string =>
  entryOf(code)?.title ?? (code[0] + code.slice(1).toLowerCase()).replaceAll("_", " ");

/** What a server's table says of a code; `undefined` for codes of buyers and of other versions. */
export const entryOf = (code: string): ErrorCodeEntry | undefined =>
  Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as keyof typeof ERROR_CODES] : undefined;
