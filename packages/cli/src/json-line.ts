/**
 * Writes a value as one line of JSON, for programs.
 *
 * SECURITY: the reader may be a terminal. JSON escapes only the control characters below U+0020. Here the others are
 * escaped too, and characters that change the text direction. The JSON means the same (fetch.test.ts, "control
 * characters of an answer").
 */
export const jsonLine = (value: unknown): string =>
  `${JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped)}\n`;

const escaped = (character: string) =>
  character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
