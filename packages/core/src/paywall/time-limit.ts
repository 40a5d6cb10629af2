import type { L402ErrorCode } from "../error-codes.ts";
import { entryOf, isL402Error, L402Error } from "../errors.ts";

/**
 * Waits for `call`, but not for long. Anything it throws that is not an error of this SDK becomes `code`, without its
 * text: a backend's words may hold a secret (create-paywall.secrets.test.ts).
 */
export async function withinSeconds<Result>(
  seconds: number,
  call: (signal: () => AbortSignal) => Promise<Result> | Result,
  failure: { what: string; code: L402ErrorCode; timeoutCode?: L402ErrorCode },
): Promise<Result> {
  // Made for those who ask for it: it takes longer than the rest of waiting.
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
 * The error itself, where it is one that a server can answer with. Of all others nothing is told but a system code, such as
 * ECONNREFUSED, which helps and cannot be a secret; a message could (create-paywall.secrets.test.ts).
 */
export function asL402Error(error: unknown, code: L402ErrorCode, what: string): L402Error {
  // Another version of a package may know codes that this one does not.
  if (isL402Error(error) && entryOf(error.code)) return error;
  const { code: system } = (error ?? {}) as { code?: unknown };
  const reason =
    typeof system === "string" && /^(E(AI_)?[A-Z0-9]{1,20}|(UND_)?ERR_[A-Z0-9_]{1,40})$/.test(system)
      ? ` (${system})`
      : "";
  return new L402Error(code, `${what} failed${reason}.`);
}
