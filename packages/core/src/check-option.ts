import { L402Error } from "./errors.ts";

/** Throws CONFIG_INVALID, which names the option and says what it must be, unless `isValid`. */
export function checkOption(isValid: boolean, name: string, expected: string): asserts isValid {
  if (!isValid) throw new L402Error("CONFIG_INVALID", `${name} must be ${expected}.`);
}
