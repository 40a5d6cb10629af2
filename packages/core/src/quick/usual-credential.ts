import { lowerHexAtEnd, readMessage } from "#crypto";
import type { Credential } from "../wire/parse-authorization.ts";

const SCHEME_LENGTH = "L402 ".length;
const PREIMAGE_LENGTH = 64;

/** What nearly every credential looks like; all others are `undefined`, and left to `readAny`. Not for lines of any length. */
export function readUsualCredential(line: string): Credential | undefined {
  const colon = line.length - PREIMAGE_LENGTH - 1;
  if (!(line.startsWith("L402 ") || line.startsWith("LSAT ")) || line.indexOf(":") !== colon) return undefined;
  const preimage = lowerHexAtEnd(line);
  const token = line.slice(SCHEME_LENGTH, colon);
  return preimage && token && readMessage(token) >= 0 ? { tokens: [token], preimage } : undefined;
}
