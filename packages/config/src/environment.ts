import { L402Error } from "@l402/core";

/** Plain settings, such as `process.env` or a Worker's `env`. They are read here and nowhere else. */
export type Environment = Readonly<Record<string, unknown>>;

/** A setting; an empty one counts as missing. */
export function setting(env: Environment, name: string): string | undefined {
  const value = env[name];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

export const invalid = (message: string, hint?: string): L402Error =>
  new L402Error("CONFIG_INVALID", message, { ...(hint !== undefined && { hint }) });

/** A name that looks like a misspelling: the same letters but for two. */
export function misspelling(env: Environment, name: string, known: readonly string[]): string | undefined {
  return Object.keys(env).find((given) => !known.includes(given) && distance(given, name) <= 2);
}

function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[b.length] ?? 3;
}
