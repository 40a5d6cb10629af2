import { clientError } from "../client-error.ts";

const MAX_LENGTH = 16_384;
const MAX_CHALLENGES = 16;

/** A server's offer: pay `invoice`, then send the request again with `token` and the preimage. */
export interface Challenge {
  token: string;
  invoice: string;
}

/**
 * Formats the two WWW-Authenticate lines of a 402. The LSAT line comes first and the parameters are in this order
 * because every known client, old and new, can read that.
 */
export const formatChallenge = ({ token, invoice }: Challenge): [string, string] => [
  `LSAT macaroon="${token}", invoice="${invoice}"`,
  `L402 macaroon="${token}", invoice="${invoice}", version="0", token="${token}"`,
];

/** Formats the `Authorization` value for a paid challenge. The token is sent exactly as it was received. */
export const formatCredential = (token: string, preimage: string): string => `L402 ${token}:${preimage.toLowerCase()}`;

/**
 * Reads the L402 and LSAT challenges in WWW-Authenticate, in their order and without duplicates. Other schemes are
 * skipped. Throws CHALLENGE_MALFORMED if the header is too large.
 */
export function parseChallenges(header: string | readonly string[] | null | undefined): Challenge[] {
  const text = typeof header === "string" ? header : (header ?? []).join(", ");
  if (text.length > MAX_LENGTH) throw malformed("it is too long");

  const challenges: Challenge[] = [];
  for (const { scheme, parameters } of readSchemes(text)) {
    const token = parameters.get("macaroon") ?? parameters.get("token");
    const invoice = parameters.get("invoice");
    if (!/^(L402|LSAT)$/i.test(scheme) || !token || !invoice) continue;
    const isKnown = challenges.some((known) => known.token === token && known.invoice === invoice);
    if (!isKnown) challenges.push({ token, invoice });
  }
  return challenges;
}

interface SchemeWithParameters {
  scheme: string;
  parameters: Map<string, string>;
}

/**
 * Reads the schemes of a header (RFC 9110 §11.6.1). A comma separates both schemes and parameters: a name followed by
 * `=` is a parameter.
 */
function readSchemes(text: string): SchemeWithParameters[] {
  const schemes: SchemeWithParameters[] = [];
  let position = 0;
  const match = (expression: RegExp): string | undefined => {
    expression.lastIndex = position;
    const found = expression.exec(text);
    if (!found) return undefined;
    position += found[0].length;
    return found[1] ?? "";
  };

  while (position < text.length) {
    match(/[ \t,]*/y);
    const name = match(/([^ \t,="]+)[ \t]*/y);
    if (name === undefined) {
      position++; // a stray character
    } else if (match(/=[ \t]*/y) === undefined) {
      if (schemes.length === MAX_CHALLENGES) throw malformed(`it has more than ${MAX_CHALLENGES} schemes`);
      schemes.push({ scheme: name, parameters: new Map() });
    } else {
      const quoted = match(/"((?:[^"\\]|\\.)*)"/y);
      const value = quoted === undefined ? (match(/([^ \t,"]*)/y) ?? "") : quoted.replace(/\\(.)/g, "$1");
      const parameters = schemes.at(-1)?.parameters;
      // The first occurrence wins, so that an appended parameter cannot replace an invoice.
      if (parameters && !parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
    }
  }
  return schemes;
}

const malformed = (reason: string) =>
  clientError("CHALLENGE_MALFORMED", `The WWW-Authenticate header cannot be read: ${reason}.`);
