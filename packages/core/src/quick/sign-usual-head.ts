import { message, type Signer, signMessage, writeMessage } from "#crypto";
import type { SigningKey } from "../token/key-ring.ts";
import { signAnyHead } from "../token/signed-json/sign-head.ts";

/** A key that may sign `message` in place. A key of `createKeyRing` can, but a key made by other code may not. */
export type UsualKey = SigningKey & Partial<Signer>;

/** The longest head that fits into `message`, with the text around it and three bytes for every character. */
const MAX_LENGTH = 1300;

/** Signs a head and returns the token. Signature and encoding happen in the place where the head was written. */
export function signUsualHead(head: string, key: UsualKey): string {
  const sign = key[signMessage];
  if (!sign || head.length > MAX_LENGTH) return signAnyHead(head, key);
  const end = writeMessage(head);
  const length = end + message.write(`,"sig":"${sign(end)}"}`, end, "latin1");
  return message.toString("base64url", 0, length);
}
