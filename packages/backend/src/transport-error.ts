import { type FundsMoved, L402Error } from "@l402/core";
import { isNeverSent } from "./never-sent.ts";
import { hintFor } from "./transport-hints.ts";

export interface Connection {
  backend: string;
  host: string;
  /** "pinned" where `tlsCert` is set, "possible" where it could be. */
  tlsCert?: "pinned" | "possible" | undefined;
  /** Whether requests go by a `fetch` that was passed in. */
  isForeign: boolean;
}

/** An HTTP exchange that failed without an answer. A message of the runtime may hold a secret; its code cannot. */
export function transportError(connection: Connection, thrown: unknown, fundsMoved: FundsMoved): L402Error {
  const code = codeOf(thrown);
  // SECURITY: a `fetch` of somebody else's may have sent it before, and tried again (never-sent.test.ts, "tries again").
  const certain = !connection.isForeign && isNeverSent(thrown);
  const { backend, host } = connection;
  return new L402Error("PROVIDER_UNREACHABLE", `${backend} at ${host} cannot be reached${code ? ` (${code})` : ""}.`, {
    fundsMoved: certain ? "no" : fundsMoved,
    ...(code !== undefined && hintFor(code, connection)),
  });
}

/** fetch wraps what went wrong, sometimes twice. */
function codeOf(thrown: unknown): string | undefined {
  for (let error = thrown, depth = 0; error && depth < 4; depth++) {
    const { code, cause } = error as { code?: unknown; cause?: unknown };
    if (typeof code === "string" && /^[A-Z][A-Za-z0-9_]{2,50}$/.test(code)) return code;
    error = cause;
  }
  return undefined;
}
