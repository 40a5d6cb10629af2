import type { L402ErrorCode } from "../error-codes.ts";
import { entryOf, isL402Error, L402Error } from "../errors.ts";

/** Says what failed, for an error that has none of its words. */
export interface Failure {
  /** The subject of the message, such as "The use store". */
  what: string;
  code: L402ErrorCode;
  /** For no answer in time. Default `code`. */
  timeoutCode?: L402ErrorCode;
}

export const LIMITER_FAILURE: Failure = { what: "The challenge limiter", code: "STORE_UNAVAILABLE" };
export const STORE_FAILURE: Failure = { what: "The use store", code: "STORE_UNAVAILABLE" };
export const TERMS_FAILURE: Failure = { what: "The terms function", code: "INTERNAL" };

/**
 * Returns the error itself if a server can answer with it, and otherwise a new error that says what failed. Of any other
 * error, only a system code such as ECONNREFUSED is kept: it helps and cannot be a secret, but a message could be one
 * (create-paywall.secrets.test.ts).
 */
export function asL402Error(error: unknown, { what, code }: Failure): L402Error {
  // Another version of a package may use codes that this version does not know.
  if (isL402Error(error) && entryOf(error.code)) return error;
  const system = (error as { code?: unknown } | null | undefined)?.code;
  const reason =
    typeof system === "string" && /^(E(AI_)?[A-Z0-9]{1,20}|(UND_)?ERR_[A-Z0-9_]{1,40})$/.test(system)
      ? ` (${system})`
      : "";
  return new L402Error(code, `${what} failed${reason}.`);
}
