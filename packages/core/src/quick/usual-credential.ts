import { isBase64 } from "#crypto";
import type { Credential } from "../wire/parse-authorization.ts";

const SCHEME_LENGTH = "L402 ".length;
const PREIMAGE_LENGTH = 64;

/** What nearly every credential looks like; all others are `undefined`, and left to `readAny`. Not for lines of any length. */
export function readUsualCredential(line: string): Credential | undefined {
  const preimage = line.length - PREIMAGE_LENGTH;
  const isUsual =
    (line.startsWith("L402 ") || line.startsWith("LSAT ")) &&
    line.indexOf(":") === preimage - 1 &&
    isLowerHex(line, preimage);
  if (!isUsual) return undefined;
  const token = line.slice(SCHEME_LENGTH, preimage - 1);
  return token && isBase64(token) ? { tokens: [token], preimage: line.slice(preimage) } : undefined;
}

/**
 * Not by an expression: which of its two ranges a digit is in is random, and each wrong guess of the processor costs more
 * than the digit. Not of a slice, whose characters are slower to read.
 */
function isLowerHex(text: string, start: number): boolean {
  let others = 0;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    others |= (IS_OTHER[code & 0xff] as number) | (code >> 8);
  }
  return others === 0;
}

const IS_OTHER = Uint8Array.from({ length: 256 }, (_, code) => (/[0-9a-f]/.test(String.fromCharCode(code)) ? 0 : 1));
