import { checkOption } from "../check-option.ts";
import { refuseUnknownOptions } from "../known-options.ts";
import type { Price, Terms } from "./paywall.ts";

/** Terms with their defaults filled in and everything checked. */
export interface CheckedTerms {
  amountMsat: number;
  resource: string | undefined;
  uses: number | "unlimited";
  validForSeconds: number;
  description: string | undefined;
}

const NAMES = [
  "price",
  "resource",
  "uses",
  "validForSeconds",
  "description",
] as const satisfies readonly (keyof Terms)[];
const TEN_YEARS = 10 * 365 * 86_400;

/** Throws CONFIG_INVALID that names the field and the fix. */
export function checkTerms(terms: Terms | undefined): CheckedTerms {
  refuseUnknownOptions("terms", terms, NAMES);
  const { price, resource, uses = 1, validForSeconds = 3600, description } = terms as Terms;
  checkOption(
    resource === undefined || (typeof resource === "string" && /^[ -~]{1,512}$/.test(resource)),
    "resource",
    "1 to 512 printable ASCII characters; percent-encode or hash it",
  );
  checkOption(
    uses === "unlimited" || isWhole(uses, 1_000_000_000),
    "uses",
    'a whole number from 1 to 1 000 000 000, or "unlimited"',
  );
  checkOption(
    isWhole(validForSeconds, TEN_YEARS),
    "validForSeconds",
    "a whole number from 1 to ten years, such as 3600",
  );
  checkOption(description === undefined || typeof description === "string", "description", "a text");
  return { amountMsat: amountOf(price), resource, uses, validForSeconds, description };
}

function amountOf(price: Price): number {
  if (isWhole(price, Number.MAX_SAFE_INTEGER / 1000)) return price * 1000;
  const msat = typeof price === "object" ? price?.msat : undefined;
  checkOption(
    isWhole(msat, Number.MAX_SAFE_INTEGER),
    typeof price === "number" ? `price is ${price}; it` : "price",
    "a whole number of sats from 1, or such as { msat: 500 }",
  );
  return msat;
}

const isWhole = (value: unknown, max: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= max;
