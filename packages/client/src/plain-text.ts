/** What others wrote, made fit for a person's screen: one line, no control characters, of bounded length. */
export const plainText = (text: string, maxLength: number): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").slice(0, maxLength);
