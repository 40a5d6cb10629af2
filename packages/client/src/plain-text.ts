/** Makes a text of others safe to show to a person: one line, no control characters, bounded length. */
export const plainText = (text: string, maxLength: number): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").slice(0, maxLength);
