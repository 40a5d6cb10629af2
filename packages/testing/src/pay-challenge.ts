import { clientError, formatCredential, type LightningWallet, parseChallenges } from "@l402/core";

/** Anything with a 402 in it: a `Response`, or the value or lines of its WWW-Authenticate header. */
export type PayableChallenge = Response | string | readonly string[];

/**
 * Pays the invoice of a 402 answer and returns the `Authorization` value to come back with. It pays whatever is asked,
 * so it is for tests alone; a real buyer takes `@l402/client` with a budget.
 */
export async function payChallenge(wallet: LightningWallet, challenge: PayableChallenge): Promise<string> {
  // Not by instanceof: some servers replace the global Response by one of their own.
  const header =
    typeof challenge === "object" && "headers" in challenge ? challenge.headers.get("WWW-Authenticate") : challenge;
  const [first] = parseChallenges(header);
  if (!first) throw clientError("CHALLENGE_MALFORMED", "The answer asks for no payment.");
  const result = await wallet.payInvoice({ bolt11: first.invoice, maxFeeMsat: 10_000 });
  if (result.status !== "paid") throw new Error(`The wallet did not pay: ${result.reason}`);
  return formatCredential(first.token, result.preimage);
}
