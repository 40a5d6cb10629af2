import { BUDGET_VARIABLES } from "@l402/config";
import { isL402Error, type L402Error } from "@l402/core";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
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
  NETWORK_MISMATCH: "With a wallet on the seller's network, name that network: --network regtest, for example.",
  PAYMENT_OUTCOME_UNKNOWN:
    "Run the same command again in a moment: it first finds out what became of this payment, and never pays twice.",
  PAYMENT_FAILED: "Check that the wallet has enough money and is online, then run the command again.",
};

/** Reports an error, in words or as JSON, and returns the exit code. */
export async function reportFailure(error: unknown, io: Io, json: boolean): Promise<number> {
  const failure = failureOf(error, io);
  const { code, message, hint, fundsMoved, exitCode } = failure;
  if (json) await io.stdout(jsonLine({ error: failure }));
  else {
    const money = { no: "Nothing was paid.", yes: "It was paid.", maybe: "It may have been paid." }[fundsMoved];
    const told = [`${red(io.colours.stderr, code)} ${message}`, hint && `→ ${hint}`, code !== "USAGE" && money];
    await io.stderr(`${told.filter(Boolean).join("\n")}\n`);
  }
  return exitCode;
}

function failureOf(error: unknown, io: Io): Failure {
  const nothing = { fundsMoved: "no", retryable: false } as const;
  if (isUsageError(error)) {
    return { code: "USAGE", message: error.message, hint: "l402 --help explains.", ...nothing, exitCode: EXIT.usage };
  }
  if (isL402Error(error)) return failureOfL402(error, io);
  const exitCode = exitCodeOf(error);
  if (exitCode === EXIT.network) {
    return { ...nothing, code: "NETWORK", message: networkReason(error), retryable: true, exitCode };
  }
  if (io.signal.aborted) return { ...nothing, code: "STOPPED", message: "You stopped it.", exitCode: EXIT.stopped };
  // SECURITY: words of unknown origin may hold a secret, so only the place of the error is shown (secrets.test.ts, "a
  // bug").
  const { name, stack = "" } = error as Error;
  const places = stack.split("\n").filter((line) => /^\s+at /.test(line));
  const message = `${name} in the command itself:\n${places.slice(0, 5).join("\n")}`;
  return {
    ...nothing,
    code: "BUG",
    message,
    hint: "Please report this, and what you typed.",
    fundsMoved: "maybe",
    exitCode,
  };
}

function failureOfL402(error: L402Error, io: Io): Failure {
  const { code, fundsMoved, retryable } = error;
  // The client's message names its options. A command has flags and variables instead.
  const message = Object.entries(BUDGET_VARIABLES).reduce(
    (text, [variable, limit]) => text.replace(`budget.${limit}`, limit === "perRequestSats" ? PER_REQUEST : variable),
    error.message,
  );
  const raise = message.startsWith(PER_REQUEST)
    ? io.env.L402_MAX_SATS
      ? "L402_MAX_SATS"
      : "--max-sats"
    : "that variable";
  const [paymentHash = "<payment hash>"] = /\b[0-9a-f]{64}\b/.exec(message) ?? [];
  const inCommands = error.hint.replace("forget({ paymentHash })", `l402 tokens forget ${paymentHash}`);
  const hint = code === "BUDGET_EXCEEDED" ? `Allow more with ${raise}, or do without.` : (HINTS[code] ?? inCommands);
  return { code, message, hint, fundsMoved, retryable, exitCode: exitCodeOf(error) };
}

const PER_REQUEST = "The limit for a request";

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens at that address",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "its name cannot be looked up just now",
  ETIMEDOUT: "it does not answer",
  UND_ERR_CONNECT_TIMEOUT: "it does not answer",
  UND_ERR_HEADERS_TIMEOUT: "it does not answer",
  TimeoutError: "it did not answer in time",
  ECONNRESET: "it hung up",
  UND_ERR_SOCKET: "it hung up",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is not one that is publicly trusted",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not one that is publicly trusted",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not one that is publicly trusted",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another host",
};

/** Tells why `fetch` failed, from the error's code alone. */
export function networkReason(error: unknown): string {
  const { cause, name } = (error ?? {}) as { cause?: { code?: unknown; message?: unknown }; name?: unknown };
  if (cause?.message === "bad port") return "The server cannot be reached: no web server may use that port.";
  const code = typeof cause?.code === "string" ? cause.code : String(name);
  const reason = Object.hasOwn(REASONS, code) ? `${REASONS[code]} (${code})` : code;
  return `The server cannot be reached: ${reason}.`;
}
