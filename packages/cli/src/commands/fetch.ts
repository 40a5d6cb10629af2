import type { L402ClientOptions, L402Payment, Quote, ResponsePayment } from "@l402/client";
import { clientError, isL402Error } from "@l402/core";
import { EXIT } from "../exit-codes.ts";
import { dim, green, type Io, READER_GONE, yellow } from "../io.ts";
import { jsonLine } from "../json-line.ts";
import { NO_WALLET, openClient } from "../open-client.ts";
import { startProgress } from "../progress.ts";
import type { Arguments } from "../read-arguments.ts";
import { readUrl } from "../read-request.ts";
import { isUsageError } from "../usage.ts";
import { durationInWords, inSats, printable, quoteAsData, quoteInWords } from "../words.ts";
import { openOutput, writeAnswer } from "../write-answer.ts";

/** Fetches a URL like curl, and pays for it. */
export async function fetchCommand(args: Arguments, io: Io): Promise<number> {
  const url = readUrl("fetch", args.positionals);
  // Opened before a payment: otherwise the paid answer could not be saved.
  const file = args.output === undefined ? undefined : await openOutput(args.output, io);
  const { silent, json, dryRun, request } = args;
  const isQuiet = silent || json;
  const tell = (line: string) => void (isQuiet || io.stderr(`${line}\n`));
  let asked: Quote | undefined;
  let chosen: string | undefined;
  let endProgress = (): number | undefined => undefined;
  const hooks: Partial<L402ClientOptions> = {
    onChallenge(quote) {
      asked = quote;
      tell(`${yellow(io.colours.stderr, "402 Payment Required:")} ${quoteInWords(quote)}`);
      if (chosen) tell(dim(io.colours.stderr, chosen));
    },
    approve() {
      if (!dryRun && !isQuiet) endProgress = startProgress(io);
      return !dryRun;
    },
    onPayment({ amountMsat, feeMsat }) {
      const seconds = endProgress();
      endProgress = () => undefined;
      const fee = feeMsat > 0 ? `, plus a routing fee of ${inSats(feeMsat)},` : "";
      const cost = `${inSats(amountMsat)}${fee}`;
      if (seconds === undefined) tell(`An earlier payment of ${cost} was made.`);
      else tell(`${green(io.colours.stderr, "Paid")} ${cost} in ${durationInWords(seconds)}.`);
    },
    ...(dryRun && { wallet: NO_WALLET, checkInvoice: () => {} }),
  };
  const remember = (sentence: string) => {
    chosen = sentence;
  };
  const client = openClient(args, io, { ...hooks, tell: remember });
  try {
    const response = await client.fetch(url, { ...request, signal: io.signal });
    const payment = client.paymentOf(response);
    if (payment && !payment.paidNow) tell(dim(io.colours.stderr, "This was bought earlier, so nothing was paid now."));
    const { status, statusText } = response;
    if (status >= 400) {
      const answer = `HTTP ${status} ${printable(statusText)}`.trim();
      tell(`The server answered with ${answer}.${unpaidReason(response, request, payment)}`);
    }
    const isOwed = payment !== undefined && status >= 500;
    if (isOwed) tell("Your purchase is kept. Run the same command again: it uses the purchase first.");
    const isFailure = args.fail && status >= 400;
    await writeAnswer(response, payment, args, file, io).catch((error) => {
      // A reader such as `head` has what it wants, and the exit code still tells what became of the money.
      if (error === READER_GONE) return;
      throw payment?.paidNow ? brokenOff(payment, error) : error;
    });
    if (isOwed || ((isFailure || status === 402) && payment)) return EXIT.notServed;
    return status === 402 ? EXIT.notBought : isFailure ? EXIT.network : EXIT.ok;
  } catch (error) {
    endProgress();
    if (!(dryRun && isL402Error(error) && error.code === "PAYMENT_DECLINED")) throw error;
    if (json) await io.stdout(jsonLine({ dryRun: true, quote: asked && quoteAsData(asked) }));
    tell("Nothing was paid, because of --dry-run.");
    return EXIT.ok;
  } finally {
    await file?.close();
  }
}

/**
 * SECURITY: if a paid answer fails in any way, the error never says that nothing was paid (exit-codes.test.ts,
 * "breaks off").
 */
function brokenOff({ paymentHash }: L402Payment, error: unknown) {
  const { code, name, cause } = error as { code?: unknown; name?: unknown; cause?: { code?: unknown } };
  // The code of an abort is a number, which tells nobody anything.
  const why = cause?.code ?? (typeof code === "string" ? code : name);
  const reason = isUsageError(error) ? error.message : `The answer of the server ended too early (${why}).`;
  return clientError("PAYMENT_REJECTED", `${reason} Payment ${paymentHash} was already made.`, {
    hint: "Run l402 tokens list to see whether the purchase can still be used.",
  });
}

/**
 * The reason why a 402 was not paid.
 *
 * SECURITY: what was paid may lead to another server, whose 402 is no reason to say that nothing was (exit-codes.test.ts,
 * "leads to another").
 */
function unpaidReason(
  { status, url }: Response,
  { method, headers }: Arguments["request"],
  payment: ResponsePayment | undefined,
): string {
  if (status !== 402) return "";
  if (payment) {
    const { host } = new URL(url);
    return ` The seller was paid, and redirects to ${host}, which asks for a payment of its own. To run the same command again may be to pay again.`;
  }
  if (headers.some(([name]) => name.toLowerCase() === "authorization")) {
    return " Nothing was paid, because you sent your own Authorization header.";
  }
  if (method.toUpperCase() === "HEAD") return " Nothing was paid, because a HEAD request has nothing to buy.";
  return " Nothing was paid, because the server does not ask for a Lightning payment (L402).";
}
