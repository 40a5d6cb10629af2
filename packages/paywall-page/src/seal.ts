import type { KeyRing, SigningKey } from "@l402/core";
import { hexOf } from "./hex.ts";

/**
 * Seals texts with the paywall's keys, so that no other party can create them.
 *
 * SECURITY: the purpose comes first, so that a seal is valid for no other purpose. Tokens are signed with the same
 * keys. The signed data of a token begins with a brace or holds a macaroon's bytes, never with these words
 * (seal.test.ts, "another purpose").
 */
export function createSeals(keys: KeyRing) {
  const seal = (key: SigningKey, purpose: string, text: string) =>
    hexOf(key.sign(new TextEncoder().encode(`l402 page ${purpose}\n${text}`)));

  return {
    /** Returns the seal: 64 hex characters. */
    make: (purpose: string, text: string): string => seal(keys.current, purpose, text),
    holds(purpose: string, text: string, given: string): boolean {
      for (const key of keys.all()) if (isSame(seal(key, purpose, text), given)) return true;
      return false;
    },
  };
}

export type Seals = ReturnType<typeof createSeals>;

/** Compares in constant time; only a difference in length may be noticed. */
function isSame(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
