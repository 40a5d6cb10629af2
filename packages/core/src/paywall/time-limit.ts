import type { L402ErrorCode } from "../error-codes.ts";
import { entryOf, isL402Error, L402Error } from "../errors.ts";

/**
 * Waits for `call`, with a time limit. An error that does not come from this SDK becomes an error with `code`. Its text
 * is dropped, because a backend's message may contain a secret (create-paywall.secrets.test.ts).
 */
export async function withinSeconds<Result>(
  seconds: number,
  call: (signal: () => AbortSignal) => Promise<Result> | Result,
  failure: { what: string; code: L402ErrorCode; timeoutCode?: L402ErrorCode },
): Promise<Result> {
  // The controller is created only if `call` asks for the signal: creating it takes longer than the rest of this
  // function.
  let controller: AbortController | undefined;
  const signal = () => {
    controller ??= new AbortController();
    return controller.signal;
  };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new L402Error(failure.timeoutCode ?? failure.code, `${failure.what} did not answer within ${seconds} s.`));
      controller?.abort();
    }, seconds * 1000);
  });
  try {
    return await Promise.race([call(signal), timeout]);
  } catch (error) {
    throw asL402Error(error, failure.code, failure.what);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Returns the error itself if a server can answer with it, and otherwise a new error with `code`. Of any other error,
 * only a system code such as ECONNREFUSED is kept: it helps and cannot be a secret, but a message could be one
 * (create-paywall.secrets.test.ts).
 */
export function asL402Error(error: unknown, code: L402ErrorCode, what: string): L402Error {
  // Another version of a package may use codes that this version does not know.
  if (isL402Error(error) && entryOf(error.code)) return error;
  const system = (error as { code?: unknown } | null | undefined)?.code;
  const reason =
    typeof system === "string" && /^(E(AI_)?[A-Z0-9]{1,20}|(UND_)?ERR_[A-Z0-9_]{1,40})$/.test(system)
      ? ` (${system})`
      : "";
  return new L402Error(code, `${what} failed${reason}.`);
}
