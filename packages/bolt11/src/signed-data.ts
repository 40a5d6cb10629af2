/** Returns the bytes that the payee signs: the prefix, then the data up to the signature, padded with zero bits. */
export function signedDataOf(prefix: string, words: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(prefix.length + Math.ceil((words.length * 5) / 8));
  let length = 0;
  for (; length < prefix.length; length++) bytes[length] = prefix.charCodeAt(length);
  let buffer = 0;
  let bits = 0;
  for (const word of words) {
    buffer = ((buffer << 5) | word) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = buffer >> bits;
    }
  }
  if (bits > 0) bytes[length] = buffer << (8 - bits);
  return bytes;
}
