import { L402Error } from "./errors.ts";

/** Refuses options that do not exist, because a misspelt safety option must not be ignored silently. */
export function refuseUnknownOptions(owner: string, options: unknown, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new L402Error("CONFIG_INVALID", `${owner}: an options object is needed.`);
  }
  for (const name of Object.keys(options)) {
    if (known.includes(name)) continue;
    throw new L402Error("CONFIG_INVALID", `${owner}: there is no option "${name}", only ${known.join(", ")}.`);
  }
}
