import { L402Error } from "./errors.ts";

/** Throws a CONFIG_INVALID that names the option and says what it must be, so how to correct it. */
export function checkOption(isValid: boolean, name: string, expected: string): asserts isValid {
  if (!isValid) throw new L402Error("CONFIG_INVALID", `${name} must be ${expected}.`);
}
