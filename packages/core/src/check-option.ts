import { L402Error } from "./errors.ts";

/** Throws CONFIG_INVALID, which names the option and says what it must be, unless `isValid`. */
export function checkOption(isValid: boolean, name: string, expected: string): asserts isValid {
  if (!isValid) throw new L402Error("CONFIG_INVALID", `${name} must be ${expected}.`);
}

/** Refuses options that do not exist, because a misspelt safety option must not be ignored silently. */
export function refuseUnknownOptions(owner: string, options: unknown, known: readonly string[]): void {
  const isObject = typeof options === "object" && options !== null;
  const unknown = isObject && Object.keys(options).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const problem = isObject ? `has no option "${unknown}"` : "takes an object";
  throw new L402Error("CONFIG_INVALID", `${owner} ${problem}. Its options: ${known.join(", ")}.`);
}
