import { createL402Client, type Quote } from "@l402/client";
import { describeToken, isL402Error, type L402Error, parseChallenges, paymentHashOf } from "@l402/core";
import { EXIT } from "../exit-codes.ts";
import { type Check, ok, problem, warning } from "../inspect/check.ts";
import { checkHeaderSize } from "../inspect/header-size.ts";
import { probeServer } from "../inspect/probe-server.ts";
import { type Io, signOf } from "../io.ts";
import { jsonLine } from "../json-line.ts";
import { NO_WALLET } from "../open-client.ts";
import type { Arguments } from "../read-arguments.ts";
import { checkHasPrice, readUrl } from "../read-request.ts";
import { factsInWords, quoteAsData, quoteInWords } from "../words.ts";
import { invoiceFacts, orOpaque, payeeOf } from "./decode.ts";

/** Checks every detail of a challenge. The command pays nothing and needs no wallet. */
export async function inspectCommand(args: Arguments, io: Io): Promise<number> {
  const url = readUrl("inspect", args.positionals);
  checkHasPrice(args.request);
  let seen: Response | undefined;
  const client = createL402Client({
    wallet: NO_WALLET,
    network: args.network,
    fetch: async (input, init) => {
      seen = await fetch(input, init);
      return seen;
    },
  });
  const { quote, failure } = await client.quote(url, { ...args.request, signal: io.signal }).then(
    (found) => ({ quote: found, failure: undefined }),
    (error) => {
      if (isL402Error(error)) return { quote: undefined, failure: error };
      throw error;
    },
  );
  const headers = seen?.headers ?? new Headers();
  const challenge = challengeIn(headers);
  const facts = {
    url: url.href,
    status: seen?.status,
    contentType: headers.get("content-type") ?? undefined,
    ...(challenge && { invoice: orText(() => invoiceFacts(challenge.invoice)), token: orOpaque(challenge.token) }),
  };
  const checks = checksOf({ status: seen?.status ?? 0, headers, challenge, quote, failure });
  if (quote && challenge) checks.push(...(await probeServer(url, args.request, challenge.token, io)));
  const isSound = checks.every(({ level }) => level !== "problem") && quote !== undefined;
  if (args.json) {
    const result = { sound: isSound, problem: failure?.code, quote: quote && quoteAsData(quote), checks, ...facts };
    await io.stdout(jsonLine(result));
  } else {
    const lines = checks.map(({ level, text }) => `${signOf(level, io.colours.stdout)} ${text}\n`);
    await io.stdout(`${factsInWords(facts)}\n${lines.join("")}`);
  }
  return checks.some(({ level }) => level === "problem") ? EXIT.notBought : EXIT.ok;
}

interface Seen {
  status: number;
  headers: Headers;
  challenge: ReturnType<typeof challengeIn>;
  quote: Quote | undefined;
  failure: L402Error | undefined;
}

function checksOf({ status, headers, challenge, quote, failure }: Seen): Check[] {
  if (failure) return [problem(`${failure.code}: ${failure.message} ${failure.hint}`)];
  if (status !== 402) return [ok(`The server answers with HTTP ${status} and does not ask for a payment.`)];
  if (!quote)
    return [
      problem("The server answers with HTTP 402, but without an L402 challenge, so nobody can pay over Lightning."),
    ];
  const tokenHash = challenge && paymentHashOf(challenge.token);
  const schemes = headers.get("www-authenticate") ?? "";
  return [
    ok(`A buyer pays ${quoteInWords(quote)}. The invoice has an amount and has not expired.`),
    ...(challenge
      ? [
          payeeOf(challenge.invoice)
            ? ok("The invoice's signature is valid.")
            : problem("The invoice's signature is not valid, so no wallet will pay the invoice."),
        ]
      : []),
    challenge
      ? ok("The challenge is in the WWW-Authenticate header.")
      : warning("The challenge is only in the body. Many buyers look for it in the WWW-Authenticate header."),
    tokenHash === undefined
      ? warning(
          "Only the server can read the token, so this check cannot tell whether the token belongs to the invoice.",
        )
      : ok("The token belongs to the invoice."),
    ...(challenge && describeToken(challenge.token)?.format === "signed-json" ? [NO_MACAROON] : []),
    /\bL402\b/i.test(schemes) || !challenge
      ? ok("The challenge uses the scheme L402, which current buyers look for.")
      : warning("The challenge uses only the scheme LSAT, the old name. Current buyers look for L402."),
    /\bno-store\b/i.test(headers.get("cache-control") ?? "")
      ? ok("Caches do not keep the challenge (Cache-Control: no-store).")
      : warning("Caches may keep the challenge and give one buyer's invoice to others. Send Cache-Control: no-store."),
    ...checkHeaderSize(headers),
  ];
}

/** Such programs stop before they pay: no buyer loses money, but the seller loses a sale. */
const NO_MACAROON = warning(
  "The token is not a macaroon. Go programs that read the token before they pay, such as lnget, do not buy here. To sell to them, set tokenFormat: macaroonFormat() and challengeOnInvalid: true in createPaywall.",
);

function challengeIn(headers: Headers) {
  try {
    return parseChallenges(headers.get("www-authenticate"))[0];
  } catch {
    return undefined;
  }
}

function orText<Value>(read: () => Value): Value | string {
  try {
    return read() ?? "not a BOLT11 invoice";
  } catch {
    return "not a valid BOLT11 invoice";
  }
}
