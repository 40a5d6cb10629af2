import type { Purchase, Spending } from "@l402/client";
import { budgetFrom } from "@l402/config";
import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { jsonLine } from "../json-line.ts";
import { openClient } from "../open-client.ts";
import type { Arguments } from "../read-arguments.ts";
import { readUrl } from "../read-request.ts";
import { usageError } from "../usage.ts";
import { inSats, printable, whenInWords } from "../words.ts";

/** Lists, looks up or forgets purchases. The tokens themselves are not shown: anyone who has one can use it. */
export async function tokensCommand(args: Arguments, io: Io): Promise<number> {
  const [action = "list", ...rest] = args.positionals;
  if (action === "forget") return forget(args, rest, io);
  if (!["list", "resume"].includes(action) || rest.length > 0) {
    throw usageError("Use l402 tokens list, l402 tokens resume, or l402 tokens forget <origin or payment hash>.");
  }
  if (action === "resume") return resume(args, io);

  const client = openClient(args, io);
  const [purchases, spending] = [await client.purchases(), await client.spending()];
  const limits = budgetFrom(io.env);
  if (args.json) await io.stdout(jsonLine({ purchases, spending, limits }));
  else await io.stdout([...purchases.map(purchaseInWords), spendingInWords(spending, limits)].join(""));
  return EXIT.ok;
}

/** Asks the wallet about payments whose outcome is open, and pays nothing. */
async function resume(args: Arguments, io: Io): Promise<number> {
  const unknown = await openClient(args, io).resume();
  if (args.json) await io.stdout(jsonLine({ unknown }));
  else if (unknown.length === 0) await io.stdout("The outcome of every payment is known.\n");
  else
    await io.stdout(
      `The outcome of these payments is not known yet: ${unknown.join(", ")}. Run l402 tokens resume again later.\n`,
    );
  return unknown.length > 0 ? EXIT.outcomeUnknown : EXIT.ok;
}

/** Forgets purchases. They were paid for, so forgetting all of them needs an explicit flag. */
async function forget(args: Arguments, rest: readonly string[], io: Io): Promise<number> {
  const [only] = rest;
  if (args.all === rest.length > 0)
    throw usageError(
      "Use l402 tokens forget <origin>, l402 tokens forget <payment hash>, or l402 tokens forget --all.",
    );
  const paymentHash = rest.length === 1 && /^[0-9a-f]{64}$/i.test(only ?? "") ? only?.toLowerCase() : undefined;
  const origin = args.all || paymentHash ? undefined : readUrl("tokens forget", rest).origin;
  const forgotten = await openClient(args, io).forget(paymentHash ? { paymentHash } : origin);
  const words = forgotten === 1 ? "token" : "tokens";
  const where = paymentHash ? ` of payment ${paymentHash}` : origin ? ` of ${origin}` : "";
  await io.stdout(args.json ? jsonLine({ forgotten }) : `Deleted ${forgotten} ${words}${where}.\n`);
  return EXIT.ok;
}

function purchaseInWords({ status, method, url, amountMsat, usesLeft, validUntil, paymentHash }: Purchase): string {
  const what = `${method} ${printable(url)}: ${inSats(amountMsat)}`;
  if (status === "unknown") return `${what}, outcome of payment ${paymentHash} not known yet\n`;
  const left = usesLeft === undefined ? "" : `, ${usesLeft} ${usesLeft === 1 ? "use" : "uses"} left`;
  return `${what}${left}${validUntil ? `, expires ${whenInWords(validUntil)}` : ""}\n`;
}

function spendingInWords(spending: Spending, limits: ReturnType<typeof budgetFrom>): string {
  const { hourMsat, dayMsat, totalMsat, pendingMsat } = spending;
  if (totalMsat + pendingMsat === 0) return "Nothing was spent yet.\n";
  const open = pendingMsat > 0 ? ` Another ${inSats(pendingMsat)} may have been spent.` : "";
  const ofLimit = (msat: number, limit?: number) => `${inSats(msat)}${limit === undefined ? "" : ` of ${limit}`}`;
  const times = [
    `${ofLimit(hourMsat, limits.perHourSats)} in the last hour`,
    `${ofLimit(dayMsat, limits.perDaySats)} in the last 24 hours`,
    `${ofLimit(totalMsat, limits.totalSats)} in total`,
  ];
  return `Spent, including fees: ${times.join(", ")}.${open}\n`;
}
