import { randomBytes, toBase64Url } from "../../bytes.ts";
import { L402Error } from "../../errors.ts";
import type { Caveat } from "../../interfaces/token-format.ts";

export const MAX_CAVEATS = 16;
/** Each is a count in the store of its own, and a question to the store. */
export const MAX_USE_CAVEATS = 2;

/** How to narrow a token. */
export interface Narrowing {
  /** Opens only this, within what the token opens: the exact resource, such as "GET /weather/today". */
  resource?: string;
  expiresAt?: Date;
  uses?: number;
}

/** The caveats of a narrowing, as a signed JSON token spells them. */
export function renderCaveats({ resource, expiresAt, uses }: Narrowing): string[] {
  const caveats: string[] = [];
  if (resource !== undefined) caveats.push(`res=${resource}`);
  if (expiresAt !== undefined) caveats.push(`exp=${Math.floor(expiresAt.getTime() / 1000)}`);
  // Random text makes two sub-tokens with the same number of uses two tokens, each with a count of its own.
  if (uses !== undefined) caveats.push(`uses=${uses} ${toBase64Url(randomBytes(9))}`);
  for (const caveat of caveats) {
    if (!isKnown(caveat)) throw new L402Error("CONFIG_INVALID", `"${caveat}" is not a caveat that a server can check.`);
  }
  return caveats;
}

/** SECURITY: an unknown caveat is refused, not skipped: somebody meant it to narrow (signed-json-format.test.ts). */
export function parseCaveat(text: string, id: () => string): Caveat {
  if (!isKnown(text)) throw new L402Error("CREDENTIAL_MALFORMED", "The token has an unknown caveat.");
  const value = text.slice(text.indexOf("=") + 1);
  if (text.startsWith("res=")) return { type: "resource", resource: value };
  if (text.startsWith("exp=")) return { type: "expiry", expiresAt: new Date(Number(value) * 1000) };
  return { type: "uses", uses: Number.parseInt(value, 10), id: id() };
}

const isKnown = (text: string) => /^(res=[ -~]{1,512}|exp=[1-9]\d{0,11}|uses=[1-9]\d{0,8}( [\w-]{1,32})?)$/.test(text);
