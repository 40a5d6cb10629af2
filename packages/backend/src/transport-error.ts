import { type FundsMoved, L402Error } from "@l402/core";
import { isNeverSent, type Sending } from "./never-sent.ts";
import { hintFor } from "./transport-hints.ts";

export interface Connection {
  backend: string;
  host: string;
  /** What hints call the option with the URL. */
  urlName: string;
  /** "pinned" if `tlsCert` is set, "possible" if it could be set. */
  tlsCert?: "pinned" | "possible" | undefined;
  /** Whether requests use a `fetch` that was passed in. */
  isForeign: boolean;
}

/**
 * The error for an exchange without an answer. It shows only the runtime's error code: the message may hold a secret.
 */
export function transportError(
  connection: Connection,
  thrown: unknown,
  fundsMoved: FundsMoved,
  sending?: Sending,
): L402Error {
  const code = codeOf(thrown);
  // SECURITY: a foreign `fetch` may have sent the request before, and tried again (never-sent.test.ts, "tries again").
  const certain = !connection.isForeign && isNeverSent(thrown, sending);
  const { backend, host } = connection;
  return new L402Error("PROVIDER_UNREACHABLE", `${backend} at ${host} cannot be reached${code ? ` (${code})` : ""}.`, {
    fundsMoved: certain ? "no" : fundsMoved,
    ...(code !== undefined && hintFor(code, connection)),
  });
}

/** The error code of the first cause that has one: fetch wraps the original error, sometimes twice. */
function codeOf(thrown: unknown): string | undefined {
  for (let error = thrown, depth = 0; error && depth < 4; depth++) {
    const { code, cause } = error as { code?: unknown; cause?: unknown };
    if (typeof code === "string" && /^[A-Z][A-Za-z0-9_]{2,50}$/.test(code)) return code;
    error = cause;
  }
  return undefined;
}
