import { clientError, formatCredential, type LightningWallet, parseChallenges } from "@l402/core";

/** A value that contains a 402 challenge: a `Response`, or the value or lines of its WWW-Authenticate header. */
export type PayableChallenge = Response | string | readonly string[];

/**
 * Pays the invoice of a 402 answer and returns the `Authorization` value for the retry. It pays any price, so it is
 * only for tests; a real buyer uses `@l402/client` with a budget.
 */
export async function payChallenge(wallet: LightningWallet, challenge: PayableChallenge): Promise<string> {
  // Do not use instanceof: some servers replace the global Response with their own.
  const header =
    typeof challenge === "object" && "headers" in challenge ? challenge.headers.get("WWW-Authenticate") : challenge;
  const [first] = parseChallenges(header);
  if (!first)
    throw clientError("CHALLENGE_MALFORMED", "The server's answer has no L402 challenge, so there is nothing to pay.");
  const result = await wallet.payInvoice({ bolt11: first.invoice, maxFeeMsat: 10_000 });
  if (result.status !== "paid") throw new Error(`The wallet did not pay: ${result.reason}`);
  return formatCredential(first.token, result.preimage);
}
