import { isL402Error, type L402Error } from "@l402/core";
import { EXIT, exitCodeOf } from "../exit-codes.ts";
import { forgetInCommands, limitsInVariables } from "../in-commands.ts";
import { networkReason } from "../report-failure.ts";
import { isUsageError } from "../usage.ts";
import { TIMED_OUT } from "./serve-json-rpc.ts";

interface Failure {
  code: string;
  title: string;
  message: string;
  hint: string;
  fundsMoved: "no" | "yes" | "maybe";
  retryable: boolean;
}

/**
 * Hints for a model, where the client's own hint is for a programmer.
 *
 * SECURITY: none for PAYMENT_REJECTED. Whether the next call pays again depends on what the seller did, and only the
 * client knows that (mcp-paid-again.test.ts, "says before").
 */
const HINTS: Readonly<Record<string, string>> = {
  BUDGET_EXCEEDED: "Only your user can raise this limit. If the message names a time, there is room again then.",
  INSECURE_ORIGIN: "Use https and a public host. Only your user can allow other hosts, with L402_ALLOWED_HOSTS.",
  NETWORK_MISMATCH: "Tell your user that the seller uses another Lightning network than the wallet. Do not try again.",
  PAYMENT_FAILED:
    "If you set maxSats to the price, allow some sats more, for the routing fee. Otherwise try once more, and if that fails too, tell your user to check the balance of the wallet.",
  PAYMENT_OUTCOME_UNKNOWN:
    "Do not pay in another way. Call fetch again with the same arguments in a moment: it asks the wallet about this payment, and never pays twice.",
  STORE_UNAVAILABLE:
    "Tell your user that the file with the purchases cannot be used. Your user must not delete this file.",
};

/** SECURITY: repeats no words of unknown origin (mcp-secrets.test.ts, "no secret"). */
export function toolFailure(error: unknown, { reason }: AbortSignal): Failure {
  if (isL402Error(error)) return failureOfL402(error);
  const nothing = { fundsMoved: "no", retryable: false } as const;
  if (isUsageError(error)) {
    return {
      code: "USAGE",
      title: "Wrong arguments",
      message: error.message,
      hint: "Correct the arguments.",
      ...nothing,
    };
  }
  if (reason !== undefined && error === reason) {
    const message = reason === TIMED_OUT ? TIMED_OUT.message : "The call was stopped.";
    return { code: "STOPPED", title: "Stopped", message, hint: "Call the tool again.", ...nothing, retryable: true };
  }
  if (exitCodeOf(error) === EXIT.network) {
    const hint = "Check the URL, or try again later.";
    return {
      code: "NETWORK",
      title: "Server not reached",
      message: networkReason(error),
      hint,
      ...nothing,
      retryable: true,
    };
  }
  const hint = "Call spending and purchases to see whether a payment was made, and tell your user.";
  const message = "l402 itself failed unexpectedly.";
  return { code: "BUG", title: "A bug in l402", message, hint, fundsMoved: "maybe", retryable: false };
}

function failureOfL402({ code, message: told, hint, fundsMoved, retryable }: L402Error): Failure {
  const title = (code[0] + code.slice(1).toLowerCase()).replaceAll("_", " ");
  const message = limitsInVariables(code === "STORE_UNAVAILABLE" ? `${title}.` : told, "The limit for this request");
  const inTools = forgetInCommands(hint, message, "your user has to run");
  // The error's hint names the place where a redirect leads, or the model's own limit.
  const own = / redirects to |^maxSats /.test(told) ? undefined : HINTS[code];
  return { code, title, message, hint: own ?? inTools, fundsMoved, retryable };
}
