import { writeFileSync } from "node:fs";
import { isL402Error } from "@l402/core";
import { EXIT } from "../exit-codes.ts";
import { dim, green, type Io, yellow } from "../io.ts";
import { openClient } from "../open-client.ts";
import { type Arguments, urlOf } from "../read-arguments.ts";
import { inSats, quoteInWords } from "../words.ts";

/** curl that pays. */
export async function fetchCommand(args: Arguments, io: Io): Promise<number> {
  const url = urlOf(args);
  const { method, headers, body } = args.request;
  const story = (line: string) => void (args.silent || args.json || io.stderr(`${line}\n`));
  const client = openClient(args, io, {
    onChallenge: (quote) => story(`${yellow(io, "402")} ${quoteInWords(quote)}`),
    approve() {
      if (!args.dryRun) story(dim(io, "Paying …"));
      return !args.dryRun;
    },
    onPayment: ({ amountMsat, feeMsat }) =>
      story(`${green(io, "Paid")} ${inSats(amountMsat)}${feeMsat ? ` and a fee of ${inSats(feeMsat)}` : ""}`),
  });
  const init = { method, headers, ...(body !== undefined && { body }) };
  let response: Response;
  try {
    response = await client.fetch(url, init);
  } catch (error) {
    if (!(args.dryRun && isL402Error(error) && error.code === "PAYMENT_DECLINED")) throw error;
    story("Nothing was paid: --dry-run.");
    return EXIT.ok;
  }
  const payment = client.paymentOf(response);
  if (payment && !payment.paidNow) story(dim(io, "Bought earlier."));
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (args.json) {
    const answer = { status: response.status, headers: Object.fromEntries(response.headers) };
    const text = new TextDecoder().decode(bytes);
    io.stdout(`${JSON.stringify({ ...answer, body: text, ...(payment && { payment }) })}\n`);
    return EXIT.ok;
  }
  if (response.status >= 400) story(`${response.status} ${response.statusText}`);
  if (args.include) io.stdout(headOf(response));
  if (args.output !== undefined) writeFileSync(args.output, bytes);
  else io.stdout(bytes);
  return EXIT.ok;
}

function headOf({ status, statusText, headers }: Response): string {
  const lines = Array.from(headers, ([name, value]) => `${name}: ${value}`);
  return `${[`HTTP ${status} ${statusText}`.trim(), ...lines].join("\n")}\n\n`;
}
