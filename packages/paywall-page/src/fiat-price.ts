import type { PageSettings } from "./options.ts";
import type { Language } from "./texts/languages.ts";
import { formatMoney } from "./texts/number-formats.ts";
import { within } from "./within.ts";

const PATIENCE_MS = 500;
const SATS_PER_BITCOIN = 100_000_000;

/**
 * Returns the price in another currency, as a function of the language. If the rate fails or takes too long, the page
 * sells without it.
 */
export async function fiatPrice(
  fiat: PageSettings["fiat"],
  sats: number,
): Promise<((language: Language) => string) | undefined> {
  if (!fiat) return undefined;
  try {
    const rate = await within(PATIENCE_MS, fiat.pricePerBitcoin());
    if (rate === undefined || !(rate > 0 && Number.isFinite(rate))) return undefined;
    return (language) => formatMoney(language, (sats * rate) / SATS_PER_BITCOIN, fiat.currency);
  } catch {
    return undefined;
  }
}
