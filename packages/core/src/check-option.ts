import { L402Error } from "./errors.ts";

/** Throws CONFIG_INVALID, which names the option and says what it must be, unless `isValid`. */
export function checkOption(isValid: boolean, name: string, expected: string): asserts isValid {
  if (!isValid) throw new L402Error("CONFIG_INVALID", `${name} must be ${expected}.`);
}

/** Refuses options that do not exist, because a misspelt safety option must not be ignored silently. */
export function refuseUnknownOptions(owner: string, options: unknown, known: readonly string[]): void {
  checkOption(typeof options === "object" && options !== null, `${owner}: options`, "an object");
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new L402Error("CONFIG_INVALID", `${owner} has no option "${name}". Its options: ${known.join(", ")}.`);
  }
}
