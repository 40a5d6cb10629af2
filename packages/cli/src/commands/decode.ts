import { createHash } from "node:crypto";
import { verifyInvoice } from "@l402/bolt11/signature";
import {
  type Challenge,
  decodeInvoice,
  describeToken,
  isL402Error,
  parseAuthorization,
  parseChallenges,
  paymentHashOf,
} from "@l402/core";
import { EXIT } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { jsonLine } from "../json-line.ts";
import type { Arguments } from "../read-arguments.ts";
import { usageError } from "../usage.ts";
import { factsInWords } from "../words.ts";

type Facts = Record<string, unknown>;

/** Explains an invoice, a token or a header, offline. */
export async function decodeCommand(args: Arguments, io: Io): Promise<number> {
  const given = args.positionals.join(" ").trim();
  const text =
    given === "-"
      ? Buffer.from(await io.stdin())
          .toString()
          .trim()
      : given;
  if (text === "")
    throw usageError('l402 decode needs an invoice, a token or an HTTP header. Use "-" to read it from stdin.');
  const facts = read(text);
  if (!facts) throw usageError("The text is not a readable invoice, token, challenge or credential.");
  await io.stdout(args.json ? jsonLine(facts) : factsInWords(facts));
  return EXIT.ok;
}

function read(text: string): Facts | undefined {
  try {
    return invoiceFacts(text) ?? answerFacts(text) ?? challengeFacts(text) ?? credentialFacts(text) ?? tokenFacts(text);
  } catch (error) {
    if (!isL402Error(error)) throw error;
    // Here, a text that cannot be decoded is a usage error, although the error means something else in a purchase.
    throw usageError(error.message);
  }
}

/** The contents of a BOLT11 invoice. An amount that is too large for a number is a text. */
export function invoiceFacts(text: string): Facts | undefined {
  const bolt11 = text.replace(/^lightning:/i, "");
  if (!/^ln[a-z0-9]+$/i.test(bolt11)) return undefined;
  const { amountMsat, network, paymentHash, timestamp, expiresAt, description, descriptionHash } =
    decodeInvoice(bolt11);
  return {
    kind: "invoice",
    network,
    amountMsat:
      amountMsat === undefined ? "any" : amountMsat <= Number.MAX_SAFE_INTEGER ? Number(amountMsat) : `${amountMsat}`,
    paymentHash,
    payee: payeeOf(bolt11) ?? "unknown, because the signature is NOT valid",
    created: timestamp,
    expires: expiresAt,
    description,
    descriptionHash,
  };
}

/** The node that signed an invoice; `undefined` if the signature is not valid. */
export function payeeOf(bolt11: string): string | undefined {
  try {
    return verifyInvoice(bolt11).payee;
  } catch {
    return undefined;
  }
}

function tokenFacts(text: string): Facts | undefined {
  const token = describeToken(text);
  return token && { kind: `token (${token.format})`, ...token.claims, caveats: token.caveats };
}

export const orOpaque = (token: string): Facts | string =>
  tokenFacts(token) ?? "opaque: only the server that made it can read it";

/** The challenge in a whole answer: in the header lines that `curl -i` and `curl -v` print, or else in its JSON body. */
function answerFacts(text: string): Facts | undefined {
  const lines = Array.from(text.matchAll(/^(?:< )?www-authenticate:(.*)$/gim), ([, value = ""]) => value);
  const challenge = challengeFacts(lines) ?? bodyFacts(/^\{.*/ms.exec(text)?.[0] ?? "");
  if (challenge || (lines.length === 0 && !/^(< )?HTTP\/|^\{/m.test(text))) return challenge;
  throw usageError(
    "This answer offers no payment by L402: neither its headers nor its body hold an invoice and a token.",
  );
}

/** Reads the names that our servers and older ones use. */
function bodyFacts(text: string): Facts | undefined {
  let body: Record<string, unknown>;
  try {
    body = Object(JSON.parse(text));
  } catch {
    return undefined;
  }
  const invoice = body.invoice ?? body.payment_request ?? body.paymentRequest;
  const token = body.token ?? body.macaroon;
  return typeof invoice === "string" && typeof token === "string" ? offerFacts({ invoice, token }) : undefined;
}

function challengeFacts(header: string | string[]): Facts | undefined {
  const [first] = parseChallenges(header);
  return first && offerFacts(first);
}

const offerFacts = ({ invoice, token }: Challenge): Facts => ({
  kind: "challenge",
  invoice: invoiceFacts(invoice) ?? "not a BOLT11 invoice",
  token: orOpaque(token),
});

/**
 * SECURITY: a preimage proves the payment, and with its token it opens the resource, so it is not repeated
 * (decode.test.ts, "repeats no preimage").
 */
function credentialFacts(text: string): Facts | undefined {
  const credential = parseAuthorization(text.replace(/^authorization:/i, "").trim());
  const [token] = credential?.tokens ?? [];
  if (!credential || token === undefined) return undefined;
  const hash = createHash("sha256").update(credential.preimage, "hex").digest("hex");
  const expected = paymentHashOf(token);
  const verdict =
    expected === undefined
      ? "cannot be compared with this token"
      : hash === expected
        ? "matches the token"
        : "does NOT match the token";
  return { kind: "credential", preimage: verdict, paymentHash: hash, token: orOpaque(token) };
}
