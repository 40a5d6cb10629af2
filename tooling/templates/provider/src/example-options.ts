import { L402Error } from "@l402/core";

export interface ExampleOptions {
  /** Where the API is. */
  url: string;
  /** Say here which permissions it needs, and no more than those. */
  apiKey: string;
  /** Default the global one. */
  fetch?: typeof fetch;
}

/** Throws CONFIG_INVALID that names the option and the fix. */
export function checkExampleOptions({ url, apiKey }: ExampleOptions): void {
  if (!URL.canParse(url)) throw invalid("url is not a URL; pass the address of your Example account");
  if (typeof apiKey !== "string" || apiKey === "") throw invalid("apiKey is missing; Example shows it once");
}

const invalid = (what: string) => new L402Error("CONFIG_INVALID", `Example: ${what}.`);
