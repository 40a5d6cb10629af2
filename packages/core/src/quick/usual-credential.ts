import type { Credential } from "../wire/parse-authorization.ts";

const USUAL = /^(?:L402|LSAT) [\w+/-]+={0,2}:\w{64}$/;
const PREIMAGE_LENGTH = 64;

/** What nearly every credential looks like; all others are `undefined`, and left to `readAny`. Not for lines of any length. */
export function readUsualCredential(line: string): Credential | undefined {
  if (!USUAL.test(line)) return undefined;
  const preimage = line.length - PREIMAGE_LENGTH;
  if (!isLowerHex(line, preimage)) return undefined;
  return { tokens: [line.slice("L402 ".length, preimage - 1)], preimage: line.slice(preimage) };
}

/**
 * Not by an expression: which of its two ranges a digit is in is random, and each wrong guess of the processor costs more
 * than the digit. Not of a slice, whose characters are slower to read.
 */
function isLowerHex(text: string, start: number): boolean {
  let others = 0;
  for (let i = start; i < text.length; i++) others |= IS_OTHER[text.charCodeAt(i)] as number;
  return others === 0;
}

/** The expression leaves nothing but ASCII. */
const IS_OTHER = Uint8Array.from({ length: 128 }, (_, code) => (/[0-9a-f]/.test(String.fromCharCode(code)) ? 0 : 1));
