import { checkOption, refuseUnknownOptions } from "../check-option.ts";
import { TERMS_FAILURE } from "./failure.ts";
import type { ComputeTerms, Price, Terms } from "./paywall.ts";
import { withinSeconds } from "./time-limit.ts";

/** Terms that were checked, with every default filled in. */
export interface CheckedTerms {
  amountMsat: number;
  /** The lowest amount that a token must have paid. */
  acceptFromMsat: number;
  /** True if the terms were computed for one request. */
  computed: boolean;
  resource: string | undefined;
  uses: number | "unlimited";
  validForSeconds: number;
  description: string | undefined;
}

const NAMES = [
  "price",
  "acceptFrom",
  "resource",
  "uses",
  "validForSeconds",
  "description",
] as const satisfies readonly (keyof Terms)[];
const TEN_YEARS = 315_360_000;
const TIMEOUT_SECONDS = 30;

/** Checks the terms and fills in the defaults. Throws CONFIG_INVALID, which names the field and the fix. */
export function checkTerms(terms: Terms | undefined, origin: "fixed" | "computed"): CheckedTerms {
  refuseUnknownOptions("terms", terms, NAMES);
  const { price, acceptFrom, resource, uses = 1, validForSeconds = 3600, description } = terms as Terms;
  checkOption(
    resource === undefined || (typeof resource === "string" && /^[ -~]{1,512}$/.test(resource)),
    "terms.resource",
    "1 to 512 ASCII characters: percent-encode it",
  );
  checkOption(
    uses === "unlimited" || isWhole(uses, 1_000_000_000),
    "terms.uses",
    'a whole number from 1 to 1e9, or "unlimited"',
  );
  checkOption(isWhole(validForSeconds, TEN_YEARS), "terms.validForSeconds", "a whole number from 1 to ten years");
  checkOption(description === undefined || typeof description === "string", "terms.description", "text");
  const amountMsat = amountOf(price, "terms.price");
  const acceptFromMsat = acceptFrom === undefined ? amountMsat : amountOf(acceptFrom, "terms.acceptFrom");
  checkOption(acceptFromMsat <= amountMsat, "terms.acceptFrom", "at most the price");
  const computed = origin === "computed";
  return { amountMsat, acceptFromMsat, computed, resource, uses, validForSeconds, description };
}

/** Computes the terms of one request. What the seller's function throws is passed on unchanged. */
export async function computeTerms<Native>(compute: ComputeTerms<Native>, native: Native): Promise<CheckedTerms> {
  const terms = compute(native);
  const isPromise = typeof (terms as Promise<Terms> | undefined)?.then === "function";
  return checkTerms(
    isPromise ? await withinSeconds(TIMEOUT_SECONDS, () => terms, TERMS_FAILURE) : (terms as Terms),
    "computed",
  );
}

function amountOf(price: Price, name: string): number {
  if (isWhole(price, Number.MAX_SAFE_INTEGER / 1000)) return price * 1000;
  const { msat } = Object(price) as { msat?: unknown };
  checkOption(
    isWhole(msat, Number.MAX_SAFE_INTEGER),
    typeof price === "number" ? `${name} is ${price}. It` : name,
    "a whole number of sats, or { msat: 500 }",
  );
  return msat;
}

const isWhole = (value: unknown, max: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= max;
