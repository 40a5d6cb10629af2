import { isL402Error } from "@l402/core";

/** Makes the error of a request that failed, as `fetch` makes it: with a code in its `cause`. */
export const fetchError = (message: string, code: string) => new TypeError(message, { cause: { code } });

/**
 * Makes an error without secrets from that of a request that carried a credential.
 *
 * SECURITY: the error of a `fetch` can hold the request, or parts of it that the server sent back
 * (client.secrets.test.ts, "holds the request").
 */
export function withoutSecrets(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted) return signal.reason;
  if (isL402Error(error)) return error;
  const { name, code, cause } = (error ?? {}) as { name?: unknown; code?: unknown; cause?: { code?: unknown } };
  const reason = [cause?.code, code, name].find(
    (each): each is string => typeof each === "string" && /^[A-Za-z0-9_]{1,40}$/.test(each),
  );
  return fetchError(`fetch failed: ${reason ?? "no reason given"}`, reason ?? "UNKNOWN");
}
