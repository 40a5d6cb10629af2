import { createHash } from "node:crypto";
import { decodeInvoice, describeToken, parseAuthorization, parseChallenges, paymentHashOf } from "@l402/core";
import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Arguments } from "../read-arguments.ts";
import { usageError } from "../usage.ts";
import { factsInWords } from "../words.ts";

type Facts = Record<string, unknown>;

/** An invoice, a token or a header, offline. */
export function decodeCommand(args: Arguments, io: Io): number {
  const text = args.positionals.join(" ").trim();
  if (text === "") throw usageError("l402 decode takes an invoice, a token or a header.");
  const facts = invoiceFacts(text) ?? challengeFacts(text) ?? credentialFacts(text) ?? tokenFacts(text);
  if (!facts) throw usageError("This is no invoice, token, challenge or credential that can be read.");
  io.stdout(args.json ? `${JSON.stringify(facts)}\n` : factsInWords(facts));
  return EXIT.ok;
}

/** What a BOLT11 says, amounts as texts because they can be larger than a number. */
export function invoiceFacts(text: string): Facts | undefined {
  const bolt11 = text.replace(/^lightning:/i, "");
  if (!/^ln[a-z0-9]+$/i.test(bolt11)) return undefined;
  const { amountMsat, network, paymentHash, timestamp, expiresAt, description, descriptionHash } =
    decodeInvoice(bolt11);
  return {
    kind: "invoice",
    network,
    amountMsat: amountMsat === undefined ? "any" : amountMsat.toString(),
    paymentHash,
    created: timestamp,
    expires: expiresAt,
    ...(description !== undefined && { description }),
    ...(descriptionHash !== undefined && { descriptionHash }),
  };
}

export function tokenFacts(text: string): Facts | undefined {
  const token = describeToken(text);
  return token && { kind: `token (${token.format})`, ...token.claims, caveats: token.caveats };
}

function challengeFacts(text: string): Facts | undefined {
  const [first] = parseChallenges(text.replace(/^www-authenticate:/i, ""));
  if (!first) return undefined;
  return {
    kind: "challenge",
    invoice: invoiceFacts(first.invoice) ?? "not a BOLT11 invoice",
    token: tokenFacts(first.token) ?? "of another kind",
  };
}

/** A preimage is as good as the money that bought it, so it is not repeated. */
function credentialFacts(text: string): Facts | undefined {
  const credential = parseAuthorization(text.replace(/^authorization:/i, "").trim());
  const [token] = credential?.tokens ?? [];
  if (!credential || token === undefined) return undefined;
  const hash = createHash("sha256").update(credential.preimage, "hex").digest("hex");
  return {
    kind: "credential",
    preimage: hash === paymentHashOf(token) ? "is that of the token's payment" : "is NOT that of the token's payment",
    token: tokenFacts(token) ?? "of another kind",
  };
}
