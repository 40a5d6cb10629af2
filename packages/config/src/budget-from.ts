import { type Environment, invalid, isOfX402, setting } from "./environment.ts";
import { nearestName } from "./nearest-name.ts";

/** The client's option `budget`. */
export interface BudgetSettings {
  perRequestSats?: number;
  perOriginSats?: number;
  perHourSats?: number;
  perDaySats?: number;
  totalSats?: number;
}

export const BUDGET_VARIABLES = {
  L402_MAX_SATS: "perRequestSats",
  L402_MAX_SATS_PER_ORIGIN: "perOriginSats",
  L402_MAX_SATS_PER_HOUR: "perHourSats",
  L402_MAX_SATS_PER_DAY: "perDaySats",
  L402_MAX_SATS_TOTAL: "totalSats",
} as const satisfies Record<string, keyof BudgetSettings>;

/**
 * Reads the limits of a buyer's spending, routing fees included. Without any setting, the client's own default applies:
 * 1000 sats per request.
 */
export function budgetFrom(env: Environment): BudgetSettings {
  const budget: BudgetSettings = {};
  for (const [variable, limit] of Object.entries(BUDGET_VARIABLES)) {
    const text = setting(env, variable);
    if (text === undefined) continue;
    // SECURITY: an unreadable limit does not count as a missing limit (whole-sale.test.ts, "cannot be read").
    if (!/^\d{1,15}$/.test(text))
      throw invalid(`${variable} is not a whole number of sats.`, `Use digits only, for example ${variable}=1000.`);
    budget[limit] = Number(text);
  }
  const known = Object.keys(BUDGET_VARIABLES);
  const isMeant = (name: string) => /^L402_MAX/i.test(name) || nearestName(name, known) !== undefined;
  const misspelt = Object.keys(env).find((name) => isMeant(name) && !known.includes(name) && !isOfX402(name));
  if (misspelt) throw invalid(`${misspelt} is not a known limit.`, `The known limits are ${known.join(", ")}.`);
  return budget;
}
