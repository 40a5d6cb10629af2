import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { openClient } from "../open-client.ts";
import { type Arguments, urlOf } from "../read-arguments.ts";
import { quoteInWords } from "../words.ts";

/** What it would cost, in a line. */
export async function quoteCommand(args: Arguments, io: Io): Promise<number> {
  const { method, headers, body } = args.request;
  const quote = await openClient(args, io).quote(urlOf(args), { method, headers, ...(body !== undefined && { body }) });
  if (args.json) io.stdout(`${JSON.stringify(quote ?? null)}\n`);
  else io.stdout(quote ? `${quoteInWords(quote)}\n` : "It asks for no Lightning payment.\n");
  return EXIT.ok;
}
