import { clientError } from "../client-error.ts";

const MAX_LENGTH = 16_384;
const MAX_CHALLENGES = 16;

/** What a server asks for: pay `invoice`, then come back with `token` and the preimage. */
export interface Challenge {
  token: string;
  invoice: string;
}

/**
 * The two WWW-Authenticate lines of a 402. LSAT first and the parameters in this order is what every known client can
 * read, old and new.
 */
export const formatChallenge = ({ token, invoice }: Challenge): [string, string] => [
  `LSAT macaroon="${token}", invoice="${invoice}"`,
  `L402 macaroon="${token}", invoice="${invoice}", version="0", token="${token}"`,
];

/** The `Authorization` value for a paid challenge. The token is sent exactly as it was received. */
export const formatCredential = (token: string, preimage: string): string => `L402 ${token}:${preimage.toLowerCase()}`;

/**
 * The L402 and LSAT challenges in WWW-Authenticate, each once and in their order; other schemes are passed over. Throws
 * CHALLENGE_MALFORMED when the header is too large to be one.
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

/** RFC 9110 §11.6.1. A comma separates both schemes and parameters: a name with `=` behind it is a parameter. */
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
      // The first occurrence wins, so that nothing appended can replace an invoice.
      if (parameters && !parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
    }
  }
  return schemes;
}

const malformed = (reason: string) =>
  clientError("CHALLENGE_MALFORMED", `The WWW-Authenticate header cannot be read: ${reason}.`);
