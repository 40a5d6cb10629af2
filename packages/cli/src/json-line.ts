/**
 * What a program reads, in one line.
 *
 * SECURITY: a terminal may be what reads it. JSON escapes only the controls below U+0020, and here the others are escaped as
 * well, with what turns the direction of a text: it stays the same JSON (fetch.test.ts, "control characters of an answer").
 */
export const jsonLine = (value: unknown): string =>
  `${JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped)}\n`;

const escaped = (character: string) =>
  character
    .split("")
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
    .join("");
