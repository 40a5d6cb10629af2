import { createL402Client, type Quote } from "@l402/client";
import { isL402Error, parseChallenges } from "@l402/core";
import { EXIT } from "../exit-codes.ts";
import { green, type Io, red } from "../io.ts";
import { type Arguments, urlOf } from "../read-arguments.ts";
import { factsInWords, quoteInWords } from "../words.ts";
import { invoiceFacts, tokenFacts } from "./decode.ts";

/** Whether a challenge is sound, in every detail. Nothing is paid, and no wallet is needed. */
export async function inspectCommand(args: Arguments, io: Io): Promise<number> {
  const url = urlOf(args);
  const { method, headers, body } = args.request;
  let seen: Response | undefined;
  const client = createL402Client({
    wallet: NO_WALLET,
    network: args.network,
    clock: io.now,
    fetch: async (input, init) => {
      const response = await io.fetch(input, init);
      seen = response.clone();
      return response;
    },
  });
  let quote: Quote | undefined;
  let problem: unknown;
  try {
    quote = await client.quote(url, { method, headers, ...(body !== undefined && { body }) });
  } catch (error) {
    if (!isL402Error(error)) throw error;
    problem = error;
  }
  const [challenge] = challengesOf(seen);
  await seen?.body?.cancel();
  const facts = {
    url: url.href,
    status: seen?.status,
    schemes: (
      seen?.headers.get("www-authenticate")?.match(/\b(LSAT|L402|Payment|X402|Bearer|Basic)\b(?= )/gi) ?? []
    ).join(", "),
    ...(challenge && {
      invoice: orText(() => invoiceFacts(challenge.invoice)),
      token: tokenFacts(challenge.token) ?? "of another kind",
    }),
  };
  const verdict = verdictOf(quote, problem);
  if (args.json) io.stdout(`${JSON.stringify({ ...facts, sound: verdict.sound, problem: verdict.problem })}\n`);
  else
    io.stdout(`${factsInWords(facts)}\n${verdict.sound === false ? red(io, "✗") : green(io, "✓")} ${verdict.text}\n`);
  return verdict.sound === false ? EXIT.paymentFailed : EXIT.ok;
}

function verdictOf(quote: Quote | undefined, problem: unknown) {
  if (isL402Error(problem)) {
    return { sound: false, problem: problem.code, text: `${problem.message} ${problem.hint}` };
  }
  if (!quote) return { sound: undefined, problem: undefined, text: "It asks for no Lightning payment." };
  return { sound: true, problem: undefined, text: `Sound: ${quoteInWords(quote)}.` };
}

function challengesOf(response: Response | undefined) {
  try {
    return parseChallenges(response?.headers.get("www-authenticate"));
  } catch {
    return [];
  }
}

function orText<Value>(read: () => Value): Value | string {
  try {
    return read();
  } catch {
    return "not a valid BOLT11 invoice";
  }
}

const NO_WALLET = {
  name: "none",
  payInvoice: () => Promise.reject(new Error("Nothing is paid here.")),
  lookupPayment: () => Promise.reject(new Error("Nothing is paid here.")),
};
