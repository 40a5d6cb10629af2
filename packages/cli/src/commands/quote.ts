import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { jsonLine } from "../json-line.ts";
import { NO_WALLET, openClient } from "../open-client.ts";
import type { Arguments } from "../read-arguments.ts";
import { checkHasPrice, readUrl } from "../read-request.ts";
import { quoteAsData, quoteInWords, whenInWords } from "../words.ts";

/** Prints in one line what a request would cost. */
export async function quoteCommand(args: Arguments, io: Io): Promise<number> {
  const url = readUrl("quote", args.positionals);
  checkHasPrice(args.request);
  let status: number | undefined;
  const client = openClient(args, io, {
    wallet: NO_WALLET,
    checkInvoice: () => {},
    async fetch(input, init) {
      const response = await fetch(input, init);
      ({ status } = response);
      return response;
    },
  });
  const quote = await client.quote(url, { ...args.request, signal: io.signal });
  if (args.json) await io.stdout(jsonLine({ asksForPayment: !!quote, ...(quote ? quoteAsData(quote) : { status }) }));
  else if (!quote)
    await io.stdout(`The server answers with HTTP ${status} and does not ask for a Lightning payment.\n`);
  else
    await io.stdout(
      `${quoteInWords(quote)}. The invoice can be paid until ${quote.expiresAt.toISOString()} (${whenInWords(quote.expiresAt)}).\n`,
    );
  return EXIT.ok;
}
