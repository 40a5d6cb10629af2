import { L402Error } from "@l402/core";

/** Plain settings, such as `process.env` or a Worker's `env`. Only this package reads them. */
export type Environment = Readonly<Record<string, unknown>>;

export interface ConfigOptions {
  /**
   * Called with a sentence that says which backend or store was chosen and why. The sentence never contains a secret.
   */
  tell?: ((sentence: string) => void) | undefined;
  /**
   * For serverless platforms: a function that keeps the instance alive until a promise settles, such as `waitUntil` of
   * `cloudflare:workers` or `@vercel/functions`. Without it, payments are not logged there.
   */
  waitUntil?: ((promise: Promise<unknown>) => void) | undefined;
}

/** Reads a setting. An empty one counts as missing. A Worker's settings may be numbers and booleans. */
export function setting(env: Environment, name: string): string | undefined {
  if (typeof env !== "object" || env === null) {
    throw invalid("The settings are missing.", "Pass process.env, a Worker's env or an object of your own.");
  }
  const value = env[name];
  if (value === undefined || value === null) return undefined;
  // SECURITY: an unreadable setting is not a missing one: it may be a limit (whole-sale.test.ts, "cannot be read").
  if (!["string", "number", "boolean"].includes(typeof value)) {
    throw invalid(`${name} is not a text, a number or a boolean.`, `Set ${name} to a text.`);
  }
  return String(value).trim() || undefined;
}

/** Returns the names of all settings that are not empty. */
export const givenNames = (env: Environment): string[] =>
  Object.keys(env).filter((name) => !["", undefined, null].includes(env[name] as string));

/** True for a setting of x402. That is another way to pay, and its name differs from ours by one letter. */
export const isOfX402 = (name: string): boolean => /^X402_/i.test(name);

/** SECURITY: a message names variables and never shows their values (config.secrets.test.ts, "prints no setting"). */
export const invalid = (message: string, hint: string): L402Error => new L402Error("CONFIG_INVALID", message, { hint });

/** Refuses a setting that was probably meant to be another one, if there is such a setting. */
export function refuseMisspelt(given: string | undefined, meant: string): void {
  if (given) throw invalid(`${given} is not a known setting.`, `Did you mean ${meant}? Otherwise remove ${given}.`);
}

/** Joins names into a list such as "a, b or c". */
export const listed = (names: readonly string[], word = "or"): string =>
  names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} ${word} ${names.at(-1)}`;
