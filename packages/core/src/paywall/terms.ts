import { L402Error } from "../errors.ts";
import type { Price, Terms } from "./paywall.ts";

/** Terms with their defaults filled in and everything checked. */
export interface CheckedTerms {
  amountMsat: number;
  resource: string | undefined;
  uses: number | "unlimited";
  validForSeconds: number;
  description: string | undefined;
}

const KNOWN = new Set(["price", "resource", "uses", "validForSeconds", "description"]);
const MAX_USES = 1_000_000_000;
const TEN_YEARS = 10 * 365 * 86_400;

/** Throws CONFIG_INVALID that names the field and the fix. */
export function checkTerms(terms: Terms | undefined): CheckedTerms {
  if (typeof terms !== "object" || terms === null) {
    throw invalid("terms are missing", "give a route its price, such as { price: 10 }");
  }
  for (const name of Object.keys(terms)) {
    if (!KNOWN.has(name)) throw invalid(`"${name}" is not a field of terms`, `use ${[...KNOWN].join(", ")}`);
  }
  const { resource, uses = 1, validForSeconds = 3600, description } = terms;
  if (resource !== undefined && !(typeof resource === "string" && /^[ -~]{1,512}$/.test(resource))) {
    throw invalid("resource is not 1 to 512 printable ASCII characters", "percent-encode or hash it");
  }
  if (uses !== "unlimited" && !isWhole(uses, 1, MAX_USES)) {
    throw invalid("uses is not a whole number from 1 to 1 000 000 000", 'or write "unlimited"');
  }
  if (!isWhole(validForSeconds, 1, TEN_YEARS)) {
    throw invalid("validForSeconds is not a whole number from 1 to ten years", "3600 is an hour");
  }
  if (description !== undefined && typeof description !== "string") {
    throw invalid("description is not a text", "it is what the payer's wallet shows");
  }
  return { amountMsat: amountOf(terms.price), resource, uses, validForSeconds, description };
}

function amountOf(price: Price): number {
  if (typeof price === "number") {
    if (isWhole(price, 1, Number.MAX_SAFE_INTEGER / 1000)) return price * 1000;
    throw invalid(`price is ${price} sats`, "use a whole number of sats from 1, or { msat: 500 } for less than a sat");
  }
  if (typeof price === "object" && price !== null && isWhole(price.msat, 1, Number.MAX_SAFE_INTEGER)) return price.msat;
  throw invalid("price is not a number of sats", "use a whole number of sats such as 10, or { msat: 500 }");
}

const isWhole = (value: unknown, min: number, max: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max;

const invalid = (what: string, fix: string) => new L402Error("CONFIG_INVALID", `${what}: ${fix}.`);
