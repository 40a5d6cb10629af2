import { isL402Error, L402Error } from "@l402/core";

const REASONS = {
  READONLY: "the client is connected to a read-only replica",
  LOADING: "it is still loading its data",
  MOVED: "the key is on another node of the cluster, and this client is not made for clusters",
  ASK: "the key is moving to another node",
  TRYAGAIN: "the key is moving to another node",
  CROSSSLOT: "the server has become a cluster",
  CLUSTERDOWN: "the cluster is down",
  MASTERDOWN: "the primary server is down",
  NOREPLICAS: "too few replicas are connected",
  OOM: "its memory is full",
  MISCONF: "it cannot write to its disk",
  BUSY: "it is busy with another script",
  NOAUTH: "it wants a password, and the client sent none",
  WRONGPASS: "it refuses the password",
  NOPERM: "the user of this client may not run this command",
} as const;

const REPLY = new RegExp(`\\b(${Object.keys(REASONS).join("|")})\\b`);

const SCRIPT_MAY_NOT = /^ERR The user executing the script can't /;

/**
 * Turns the failure of a call into an error that is safe to show.
 *
 * SECURITY: the error never repeats the words of the client or of Redis, which can hold addresses and passwords. It
 * shows only codes that are known to hold none (redis-error.test.ts, "never a secret").
 */
export function redisError(error: unknown): L402Error {
  if (isL402Error(error)) return error;
  const { message, code, cause } = (error ?? {}) as { message?: unknown; code?: unknown; cause?: { code?: unknown } };
  const text = String(message);
  const reply = REPLY.exec(text)?.[1] ?? (SCRIPT_MAY_NOT.test(text) ? "NOPERM" : undefined);
  if (reply) return unavailable(`${REASONS[reply as keyof typeof REASONS]} (${reply})`);
  if (/^(Command .*failed: )?(ERR|WRONGTYPE) /.test(text)) return unavailable("it refused the command (ERR)");
  const system = [code, cause?.code].find((each) => typeof each === "string" && /^E[A-Z]{3,15}$/.test(each));
  return unavailable(system ? `there is no connection (${system})` : "there is no connection");
}

export const unavailable = (why: string) => new L402Error("STORE_UNAVAILABLE", `Redis failed: ${why}.`);
