import { readUsualCredential } from "#quick";
import { L402Error } from "../errors.ts";

const MAX_LENGTH = 16_384;
const MAX_TOKENS = 4;

/** A token and the proof that its invoice was paid, as text: nothing is verified yet. */
export interface Credential {
  /** Usually one. The L402 specification allows several, of which one has to be ours. */
  tokens: readonly string[];
  /** 64 lower-case hex characters. */
  preimage: string;
}

/**
 * Reads the one L402 or LSAT credential of a request; `undefined` when there is none. The same credential may come
 * twice, as Aperture's clients send it. Throws CREDENTIAL_MALFORMED for anything ambiguous.
 */
export function parseAuthorization(header: string | readonly string[] | null | undefined): Credential | undefined {
  const lines = typeof header === "string" ? [header] : (header ?? []);
  const line = lines.length === 1 && (lines[0] as string);
  return (line && line.length <= MAX_LENGTH && readUsualCredential(line)) || readAny(lines);
}

/** As `parseAuthorization`, of everything that a header may hold. Exported for its test, which compares the two. */
export function readAny(lines: readonly string[]): Credential | undefined {
  // SECURITY: size first, so that nothing below works on more (parse-authorization.test.ts, "64 KiB").
  if (lines.reduce((length, line) => length + line.length, 0) > MAX_LENGTH) throw malformed("it is too long");

  let found: Credential | undefined;
  for (const text of lines.flatMap(credentialsIn)) {
    const credential = readCredential(text);
    if (found && !isSame(found, credential)) throw malformed("two differ");
    found = credential;
  }
  return found;
}

/** The texts behind `L402 ` and `LSAT ` in one header line. `fetch` joins lines with commas, so there may be several. */
function credentialsIn(line: string): string[] {
  // A comma also separates the tokens of one credential: only one with a scheme behind it starts a new one.
  const starts = [...line.matchAll(/(?:^|,)[ \t]*(?:L402|LSAT)(?=[ \t]|$)/gi)];
  return starts.map((start, i) => line.slice(start.index + start[0].length, starts[i + 1]?.index).trim());
}

function readCredential(text: string): Credential {
  const colon = text.indexOf(":");
  const tokens = text.slice(0, Math.max(colon, 0)).split(",", MAX_TOKENS + 1);
  if (tokens.length > MAX_TOKENS) throw malformed("too many tokens");
  if (!tokens.every((token) => /^[\w+/-]+={0,2}$/.test(token))) throw malformed("the token must be base64");
  // Behind a comma may come a credential of another scheme, but nothing else.
  const proof = /^([0-9a-f]{64})[ \t]*(?:,[ \t]*[a-z][\w-]*[ \t].*)?$/i.exec(text.slice(colon + 1));
  if (!proof) throw malformed("the preimage must be 64 hex characters");
  return { tokens, preimage: (proof[1] as string).toLowerCase() };
}

const isSame = (a: Credential, b: Credential) => a.preimage === b.preimage && a.tokens.join() === b.tokens.join();

const malformed = (reason: string) =>
  new L402Error("CREDENTIAL_MALFORMED", `The Authorization header cannot be read: ${reason}.`);
