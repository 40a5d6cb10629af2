export function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += (byte + 256).toString(16).slice(1);
  return text;
}

/** Returns 16 random bytes as hex. */
export const randomHex = (): string => hexOf(crypto.getRandomValues(new Uint8Array(16)));
