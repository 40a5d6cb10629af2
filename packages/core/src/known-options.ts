import { checkOption } from "./check-option.ts";
import { L402Error } from "./errors.ts";

/** Refuses options that do not exist, because a misspelt safety option must not be ignored silently. */
export function refuseUnknownOptions(owner: string, options: unknown, known: readonly string[]): void {
  checkOption(typeof options === "object" && options !== null, `${owner}: options`, "an object");
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new L402Error("CONFIG_INVALID", `${owner} has no option "${name}". Its options: ${known.join(", ")}.`);
  }
}
