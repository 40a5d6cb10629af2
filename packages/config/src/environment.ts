import { L402Error } from "@l402/core";

/** Plain settings, such as `process.env` or a Worker's `env`. They are read here and nowhere else. */
export type Environment = Readonly<Record<string, unknown>>;

export interface ConfigOptions {
  /** Told in a sentence what was chosen and why. It never hears a secret. */
  tell?(sentence: string): void;
}

/** A setting; an empty one counts as missing. A Worker's may be numbers and booleans. */
export function setting(env: Environment, name: string): string | undefined {
  const value = env[name];
  if (value === undefined || value === null) return undefined;
  // SECURITY: what cannot be read is not missing: it may be a limit (whole-sale.test.ts, "cannot be read").
  if (!["string", "number", "boolean"].includes(typeof value)) {
    throw invalid(`${name} is no text, number or boolean.`, `Write ${name} as a text.`);
  }
  return String(value).trim() || undefined;
}

/** SECURITY: a message names variables and never holds what is in them (config.secrets.test.ts, "prints no setting"). */
export const invalid = (message: string, hint: string): L402Error => new L402Error("CONFIG_INVALID", message, { hint });

/** "a, b or c". */
export const listed = (names: readonly string[], word = "or"): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} ${word} ${names.at(-1)}`;
