import { type FundsMoved, L402Error } from "@l402/core";
import { hintFor, UNTRUSTED, WRONG_PROTOCOL } from "./transport-hints.ts";

export interface Connection {
  backend: string;
  host: string;
  /** "pinned" where `tlsCert` is set, "possible" where it could be. */
  tlsCert?: "pinned" | "possible" | undefined;
}

/** Before these, not a byte of the request was read by anybody. The others are that as well while connecting. */
const NEVER_SENT = /^(ECONNREFUSED|ConnectionRefused|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/;

/** An HTTP exchange that failed without an answer. A message of the runtime may hold a secret; its code cannot. */
export function transportError(connection: Connection, thrown: unknown, fundsMoved: FundsMoved): L402Error {
  const { code, whileConnecting } = faultOf(thrown);
  const certain =
    whileConnecting || [NEVER_SENT, UNTRUSTED, WRONG_PROTOCOL].some((codes) => code !== undefined && codes.test(code));
  const { backend, host } = connection;
  return new L402Error("PROVIDER_UNREACHABLE", `${backend} at ${host} cannot be reached${code ? ` (${code})` : ""}.`, {
    fundsMoved: certain ? "no" : fundsMoved,
    ...(code !== undefined && hintFor(code, connection)),
  });
}

/** fetch wraps what went wrong, sometimes twice, and sometimes there is one error for each address that it tried. */
function faultOf(thrown: unknown): { code?: string; whileConnecting: boolean } {
  let whileConnecting = false;
  for (let error = thrown, depth = 0; error && depth < 4; depth++) {
    const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
    const each: unknown[] = Array.isArray(errors) && errors.length > 0 ? errors : [error];
    whileConnecting ||= each.every((one) => (one as { syscall?: unknown } | null)?.syscall === "connect");
    if (typeof code === "string" && /^[A-Z][A-Za-z0-9_]{2,50}$/.test(code)) return { code, whileConnecting };
    error = cause;
  }
  return { whileConnecting };
}
