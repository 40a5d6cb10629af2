import type { L402ErrorCode } from "../error-codes.ts";
import { isL402Error, L402Error } from "../errors.ts";

/**
 * Waits for `call`, but not for long. Anything it throws that is not an error of this SDK becomes `code`, without its
 * text: a backend's words may hold a secret (create-paywall.secrets.test.ts).
 */
export async function withinSeconds<Result>(
  seconds: number,
  call: (signal: AbortSignal) => Promise<Result> | Result,
  failure: { what: string; code: L402ErrorCode; timeoutCode?: L402ErrorCode },
): Promise<Result> {
  const controller = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new L402Error(failure.timeoutCode ?? failure.code, `${failure.what} did not answer within ${seconds} s.`));
      controller.abort();
    }, seconds * 1000);
  });
  try {
    return await Promise.race([call(controller.signal), timeout]);
  } catch (error) {
    throw asL402Error(error, failure.code, failure.what);
  } finally {
    clearTimeout(timer);
  }
}

export function asL402Error(error: unknown, code: L402ErrorCode, what: string): L402Error {
  if (isL402Error(error)) return error;
  // A system code such as ECONNREFUSED helps and cannot be a secret; a message could.
  const { code: system } = (error ?? {}) as { code?: unknown };
  const reason = typeof system === "string" && /^[A-Z][A-Z0-9_]{1,40}$/.test(system) ? ` (${system})` : "";
  return new L402Error(code, `${what} failed${reason}.`);
}
