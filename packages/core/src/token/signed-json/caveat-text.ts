import { randomBytes, toBase64Url } from "../../bytes.ts";
import { L402Error } from "../../errors.ts";
import type { Caveat } from "../../interfaces/token-format.ts";
import type { Narrowing } from "../narrowing.ts";

export const MAX_CAVEATS = 16;

/** Writes a narrowing as the caveats of a signed JSON token. */
export function renderCaveats({ resource, expiresAt, uses }: Narrowing): string[] {
  const caveats: string[] = [];
  if (resource !== undefined) caveats.push(`res=${resource}`);
  if (expiresAt !== undefined) caveats.push(`exp=${Math.floor(expiresAt.getTime() / 1000)}`);
  // The random text makes two sub-tokens with the same number of uses different, so that each has its own count.
  if (uses !== undefined) caveats.push(`uses=${uses} ${toBase64Url(randomBytes(9))}`);
  for (const caveat of caveats) {
    if (!isKnown(caveat))
      throw new L402Error("CONFIG_INVALID", `attenuateToken: no server can check the caveat "${caveat}".`);
  }
  return caveats;
}

/**
 * SECURITY: an unknown caveat is refused and not skipped, because a holder added it to narrow the token
 * (signed-json-format.test.ts).
 */
export function parseCaveat(text: string, id: () => string): Caveat {
  if (!isKnown(text)) throw new L402Error("CREDENTIAL_MALFORMED", "The token has an unknown caveat.");
  const value = text.slice(text.indexOf("=") + 1);
  if (text.startsWith("res=")) return { type: "resource", resource: value };
  if (text.startsWith("exp=")) return { type: "expiry", expiresAt: new Date(Number(value) * 1000) };
  return { type: "uses", uses: Number.parseInt(value, 10), id: id() };
}

const isKnown = (text: string) => /^(res=[ -~]{1,512}|exp=[1-9]\d{0,11}|uses=[1-9]\d{0,8}( [\w-]{1,32})?)$/.test(text);
