import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { openClient } from "../open-client.ts";
import type { Arguments } from "../read-arguments.ts";
import { usageError } from "../usage.ts";
import { inSats } from "../words.ts";

/** What was bought. The tokens themselves are not shown: whoever has one can use it. */
export async function tokensCommand(args: Arguments, io: Io): Promise<number> {
  const [action = "list", origin, ...more] = args.positionals;
  if (more.length > 0 || !["list", "forget"].includes(action) || (action === "list" && origin)) {
    throw usageError("Use l402 tokens list, or l402 tokens forget [origin].");
  }
  if (action === "forget") {
    const count = await openClient(args, io).forget(origin && new URL(origin).origin);
    io.stdout(args.json ? `${JSON.stringify({ forgotten: count })}\n` : `Forgot ${count} of what was bought.\n`);
    return EXIT.ok;
  }
  const purchases = (await openClient(args, io).purchases()).map(({ method, url, ...rest }) => ({
    for: `${method} ${url}`,
    ...rest,
  }));
  const bought = purchases.filter(({ status }) => status === "paid");
  const open = purchases.filter(({ status }) => status === "unknown");
  if (args.json) {
    io.stdout(`${JSON.stringify({ bought, pending: open })}\n`);
    return EXIT.ok;
  }
  if (bought.length + open.length === 0) io.stdout("Nothing was bought yet.\n");
  for (const { for: what, amountMsat, usesLeft, validUntil } of bought) {
    const left = usesLeft === undefined ? "" : `, ${usesLeft} left`;
    const until = validUntil ? `, until ${validUntil.toISOString()}` : "";
    io.stdout(`${what}: ${inSats(amountMsat)}${left}${until}\n`);
  }
  for (const { for: what, amountMsat, paymentHash } of open) {
    io.stdout(`${what}: ${inSats(amountMsat)}, payment ${paymentHash} not known to have arrived\n`);
  }
  return EXIT.ok;
}
