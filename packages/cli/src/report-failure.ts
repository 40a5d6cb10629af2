import { isL402Error, type L402Error } from "@l402/core";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { forgetInCommands, limitsInVariables } from "./in-commands.ts";
import { type Io, red } from "./io.ts";
import { jsonLine } from "./json-line.ts";
import { isUsageError } from "./usage.ts";

interface Failure {
  code: string;
  message: string;
  hint?: string;
  fundsMoved: "no" | "yes" | "maybe";
  retryable: boolean;
  exitCode: number;
}

/** Hints for errors where a command can offer more than a library. */
const HINTS: Readonly<Record<string, string>> = {
  NETWORK_MISMATCH: "If your wallet is on the seller's network, name that network, for example --network regtest.",
  PAYMENT_OUTCOME_UNKNOWN:
    "Run the same command again in a moment. It first asks the wallet about this payment, and never pays twice. If the wallet still shows no success days later, run l402 tokens forget, which counts it as paid.",
  PAYMENT_FAILED:
    "Check that the wallet is online and has enough money, and that your limit leaves room for a routing fee. Then run the command again.",
};

/** Reports an error, in words or as JSON, and returns the exit code. */
export async function reportFailure(error: unknown, io: Io, json: boolean): Promise<number> {
  const failure = failureOf(error, io);
  const { code, message, hint, fundsMoved, exitCode } = failure;
  // If even this cannot be written, the exit code still tells.
  if (json) await io.stdout(jsonLine({ error: failure })).catch(() => {});
  else {
    const money = { no: "Nothing was paid.", yes: "The payment was made.", maybe: "The payment may have been made." }[
      fundsMoved
    ];
    const told = [`${red(io.colours.stderr, code)} ${message}`, hint && `→ ${hint}`, code !== "USAGE" && money];
    await io.stderr(`${told.filter(Boolean).join("\n")}\n`);
  }
  return exitCode;
}

function failureOf(error: unknown, io: Io): Failure {
  const nothing = { fundsMoved: "no", retryable: false } as const;
  if (isUsageError(error)) {
    const hint = "Run l402 --help to see all commands and options.";
    return { code: "USAGE", message: error.message, hint, ...nothing, exitCode: EXIT.usage };
  }
  if (isL402Error(error)) return failureOfL402(error, io);
  const exitCode = exitCodeOf(error);
  if (exitCode === EXIT.network) {
    const hint = "Check the URL and your internet connection. Then run the command again.";
    return { ...nothing, code: "NETWORK", message: networkReason(error), hint, retryable: true, exitCode };
  }
  if (io.signal.aborted)
    return { ...nothing, code: "STOPPED", message: "You stopped the command.", exitCode: EXIT.stopped };
  // SECURITY: words of unknown origin may hold a secret, so only the place of the error is shown (secrets.test.ts, "a
  // bug").
  const { name = "error", stack = "" } = (error ?? {}) as Partial<Error>;
  const places = stack.split("\n").filter((line) => /^\s+at /.test(line));
  const message = `Unexpected ${name} in l402 itself:\n${places.slice(0, 5).join("\n")}`;
  return {
    ...nothing,
    code: "BUG",
    message,
    hint: "Run l402 tokens resume to see whether a payment was made. Please report this error and what you typed.",
    fundsMoved: "maybe",
    exitCode,
  };
}

function failureOfL402(error: L402Error, io: Io): Failure {
  const { code, fundsMoved, retryable } = error;
  const message = limitsInVariables(error.message, PER_REQUEST);
  const raise = message.startsWith(PER_REQUEST)
    ? io.env.L402_MAX_SATS
      ? "L402_MAX_SATS"
      : "--max-sats"
    : (/\bL402_MAX_SATS_\w+/.exec(message)?.[0] ?? "the limit");
  const inCommands = forgetInCommands(error.hint, message, "run").replace(", or add the origin to insecureOrigins", "");
  const hint = code === "BUDGET_EXCEEDED" ? `To allow this payment, raise ${raise}.` : (HINTS[code] ?? inCommands);
  return { code, message, hint, fundsMoved, retryable, exitCode: exitCodeOf(error) };
}

const PER_REQUEST = "The limit for a request";

const UNTRUSTED = "the server's certificate is not publicly trusted";
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "no program accepts connections at this address",
  ENOTFOUND: "the host name does not exist",
  EAI_AGAIN: "the host name cannot be looked up at the moment",
  ETIMEDOUT: "the server does not answer",
  UND_ERR_CONNECT_TIMEOUT: "the server does not answer",
  UND_ERR_HEADERS_TIMEOUT: "the server does not answer",
  ECONNRESET: "the server closed the connection",
  UND_ERR_SOCKET: "the server closed the connection",
  BAD_REDIRECT: "the server redirects too often, or to an address that cannot be fetched",
  BAD_STATUS: "the answer of the server has a status that does not exist",
  HPE_INVALID_CONSTANT: "the answer of the server is not HTTP",
  Z_DATA_ERROR: "the answer of the server cannot be unpacked",
  Z_BUF_ERROR: "the answer of the server cannot be unpacked",
  CERT_HAS_EXPIRED: "the server's certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID: "the server's certificate is for another host name",
};

/** Tells why `fetch` failed, from the error's code alone. */
export function networkReason(error: unknown): string {
  const { cause, name } = (error ?? {}) as { cause?: { code?: unknown; message?: unknown }; name?: unknown };
  if (cause?.message === "bad port") return "The server cannot be reached: web servers must not use this port.";
  // The server may be innocent: a wallet can be slow too.
  if (name === "TimeoutError") return "The request was not complete in time.";
  const code = typeof cause?.code === "string" ? cause.code : String(name);
  const reason = Object.hasOwn(REASONS, code) ? `${REASONS[code]} (${code})` : code;
  return `The server cannot be reached: ${reason}.`;
}
