import { readUsualCredential } from "#quick";
import { L402Error } from "../errors.ts";

const MAX_LENGTH = 16_384;
const MAX_TOKENS = 4;

/** A token and the preimage that proves its payment, as text. Neither is verified yet. */
export interface Credential {
  /** Usually one token. The L402 specification allows several, of which one must be ours. */
  tokens: readonly string[];
  /** 64 lower-case hex characters. */
  preimage: string;
}

/**
 * Reads the one L402 or LSAT credential of a request; `undefined` if there is none. The same credential may occur
 * twice, because Aperture's clients send it twice. Throws CREDENTIAL_MALFORMED for anything ambiguous.
 */
export function parseAuthorization(header: string | readonly string[] | null | undefined): Credential | undefined {
  const lines = typeof header === "string" ? [header] : (header ?? []);
  const line = lines.length === 1 && (lines[0] as string);
  return (line && line.length <= MAX_LENGTH && readUsualCredential(line)) || readAny(lines);
}

/**
 * Reads a credential in any form that a header may have, with the same result as `parseAuthorization`. It is exported
 * for the test that compares the two.
 */
export function readAny(lines: readonly string[]): Credential | undefined {
  // SECURITY: the size is checked first, so that no code below works on more (parse-authorization.test.ts, "64 KiB").
  if (lines.join("").length > MAX_LENGTH) throw malformed("it is too long");

  let found: Credential | undefined;
  for (const text of lines.flatMap(credentialsIn)) {
    const credential = readCredential(text);
    if (found && !isSame(found, credential)) throw malformed("it has two credentials");
    found = credential;
  }
  return found;
}

/**
 * Returns the texts after `L402 ` and `LSAT ` in one header line. There may be several, because `fetch` joins lines
 * with commas.
 */
function credentialsIn(line: string): string[] {
  // A comma also separates the tokens of one credential. A new credential starts only if a scheme follows the comma.
  const starts = [...line.matchAll(/(?:^|,)[ \t]*(?:L402|LSAT)(?=[ \t]|$)/gi)];
  return starts.map((start, i) => line.slice(start.index + start[0].length, starts[i + 1]?.index).trim());
}

function readCredential(text: string): Credential {
  const colon = text.indexOf(":");
  const tokens = text.slice(0, Math.max(colon, 0)).split(",", MAX_TOKENS + 1);
  if (tokens.length > MAX_TOKENS) throw malformed("it has too many tokens");
  if (!tokens.every((token) => /^[\w+/-]+={0,2}$/.test(token))) throw malformed("the token must be base64");
  // After a comma, a credential of another scheme may follow, but nothing else.
  const proof = /^([0-9a-f]{64})[ \t]*(?:,[ \t]*[a-z][\w-]*[ \t].*)?$/i.exec(text.slice(colon + 1));
  if (!proof) throw malformed("the preimage must be 64 hex characters");
  return { tokens, preimage: (proof[1] as string).toLowerCase() };
}

const isSame = (a: Credential, b: Credential) => JSON.stringify(a) === JSON.stringify(b);

const malformed = (reason: string) =>
  new L402Error("CREDENTIAL_MALFORMED", `The Authorization header cannot be read: ${reason}.`);
