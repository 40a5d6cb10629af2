import { ERROR_CODES, type ErrorCodeEntry, type FundsMoved, type L402ErrorCode } from "./error-codes.ts";

const MARK = Symbol.for("l402.error");

export interface L402ErrorOptions {
  hint?: string;
  retryable?: boolean;
  fundsMoved?: FundsMoved;
  retryAfterSeconds?: number;
  /** SECURITY: pass only a cause that cannot contain a secret, such as another L402Error (test: errors.test.ts). */
  cause?: unknown;
}

/**
 * The one error class of all packages. Tell errors apart by `code`. The default message is the title of the code. Use
 * `clientError` for the errors of a buyer: it knows their entries.
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
    // Where a credential is refused, the stack helps no one, and recording it costs ten times as much as all the rest.
    const { stackTraceLimit = 0 } = Error as { stackTraceLimit?: number };
    const skipsStack = stackTraceLimit > 0 && code.startsWith("CREDENTIAL_");
    // Not an assignment, because that throws in programs that freeze built-in objects.
    if (skipsStack) Reflect.set(Error, "stackTraceLimit", 0);
    super(message ?? `${titleOf(code)}.`, options);
    if (skipsStack) Reflect.set(Error, "stackTraceLimit", stackTraceLimit);
    this.code = code;
    if (entry?.status !== undefined) this.status = entry.status;
    this.retryable = options.retryable ?? entry?.retryable ?? false;
    this.fundsMoved = options.fundsMoved ?? entry?.fundsMoved ?? "no";
    this.hint = options.hint ?? entry?.hint ?? "";
    if (options.retryAfterSeconds !== undefined) this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

// Defined once on the prototype, because defining these for every error takes longer than the rest of making it. Not in
// the class body, because compilers would then rename the class, and stacks would show the new name.
Object.defineProperties(L402Error.prototype, { name: { value: "L402Error" }, [MARK]: { value: true } });

/** True for errors of this SDK, also when two copies of a package are installed. */
export const isL402Error = (value: unknown): value is L402Error =>
  typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[MARK] === true;

/** Returns the error in a few words: the title of its entry, or else the words of the code. */
export const titleOf = (code: string): string =>
  entryOf(code)?.title ?? (code[0] + code.slice(1).toLowerCase()).replaceAll("_", " ");

/** Returns the entry of a code in the server's table; `undefined` for codes of buyers and of other versions. */
export const entryOf = (code: string): ErrorCodeEntry | undefined =>
  Object.hasOwn(ERROR_CODES, code) ? ERROR_CODES[code as keyof typeof ERROR_CODES] : undefined;
