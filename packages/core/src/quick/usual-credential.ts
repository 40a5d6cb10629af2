import { readLowerHex, readMessage } from "#crypto";
import type { Credential } from "../wire/parse-authorization.ts";

const SCHEME_LENGTH = "L402 ".length;
const PREIMAGE_LENGTH = 64;

/**
 * Reads the form that nearly every credential has. Returns `undefined` for all others, which are left to `readAny`. The
 * caller must limit the length of the line.
 */
export function readUsualCredential(line: string): Credential | undefined {
  const colon = line.length - PREIMAGE_LENGTH - 1;
  if (!(line.startsWith("L402 ") || line.startsWith("LSAT ")) || line.indexOf(":") !== colon) return undefined;
  const token = line.slice(SCHEME_LENGTH, colon);
  const preimage = line.slice(colon + 1);
  return readLowerHex(preimage) && token && readMessage(token) >= 0 ? { tokens: [token], preimage } : undefined;
}
