import { message, type Signer, signMessage, writeMessage } from "#crypto";
import type { SigningKey } from "../token/key-ring.ts";
import { signAnyHead } from "../token/signed-json/sign-head.ts";

/** A key of `createKeyRing` signs where a message stands. One that somebody else made may not. */
export type UsualKey = SigningKey & Partial<Signer>;

/** With what goes around it, and every character three bytes long, it fits into a message. */
const MAX_LENGTH = 1300;

/** The token of a head: signed and encoded where it is written. */
export function signHead(head: string, key: UsualKey): string {
  const sign = key[signMessage];
  if (!sign || head.length > MAX_LENGTH) return signAnyHead(head, key);
  const end = writeMessage(head);
  const length = end + message.write(`,"sig":"${sign(end)}"}`, end, "latin1");
  return message.toString("base64url", 0, length);
}
