import { checkOption, clientError, refuseUnknownOptions } from "@l402/core";
import type { ClientState } from "./client-state.ts";

/** What may be spent, in sats, routing fees included. Whatever is left out has no limit, but `perRequestSats`. */
export interface BudgetLimits {
  /** For one payment. Default 1000. */
  perRequestSats?: number;
  /** To one origin, ever. */
  perOriginSats?: number;
  /** In any 60 minutes. */
  perHourSats?: number;
  /** In any 24 hours. */
  perDaySats?: number;
  /** Ever. */
  totalSats?: number;
}

const NAMES = ["perRequestSats", "perOriginSats", "perHourSats", "perDaySats", "totalSats"] as const;
const MINUTE = 60_000;
const HOUR_MINUTES = 60;
const DAY_MINUTES = 24 * 60;

export type CheckedLimits = BudgetLimits & { perRequestSats: number };

export function checkBudget(budget: BudgetLimits = {}): CheckedLimits {
  refuseUnknownOptions("budget", budget, NAMES);
  const limits = { perRequestSats: 1000, ...budget };
  for (const name of NAMES) {
    const sats = limits[name];
    const isLimit = sats === undefined ? name !== "perRequestSats" : Number.isSafeInteger(sats) && sats >= 0;
    checkOption(isLimit, `budget.${name}`, "a whole number of sats, such as 1000");
  }
  return limits;
}

interface Expense {
  origin: string;
  amountMsat: number;
  /** The fee that would be allowed if there were no budget. */
  wantedFeeMsat: number;
  /** What has to be left for the fee, because the wallet sets no lower limit. */
  leastFeeMsat: number;
}

/**
 * The fee that a payment may cost at most, so that it stays within every limit together with all that is under way.
 * Throws BUDGET_EXCEEDED where not even the amount fits.
 */
export function allowedFeeMsat(state: ClientState, limits: CheckedLimits, expense: Expense, now: number): number {
  const { origin, wantedFeeMsat, leastFeeMsat } = expense;
  const leastMsat = expense.amountMsat + leastFeeMsat;
  let fee = wantedFeeMsat;
  for (const { name, spentMsat, windowMinutes } of usages(state, origin, now)) {
    const limit = limits[name];
    if (limit === undefined) continue;
    const left = limit * 1000 - spentMsat - leastMsat;
    if (left < 0) {
      throw exceeded({ name, limit, spentMsat, leastMsat }, windowMinutes && freesAt(state, windowMinutes, -left, now));
    }
    fee = Math.min(fee, leastFeeMsat + left);
  }
  return fee;
}

function usages(state: ClientState, origin: string, now: number) {
  const pending = Object.values(state.pending);
  const reserved = (isCounted: (payment: (typeof pending)[number]) => boolean) =>
    pending.reduce((sum, payment) => sum + (isCounted(payment) ? payment.amountMsat + payment.maxFeeMsat : 0), 0);
  const all = reserved(() => true);
  const { totalMsat, originsMsat } = state.spent;
  return [
    { name: "perRequestSats", spentMsat: 0, windowMinutes: undefined },
    {
      name: "perOriginSats",
      spentMsat: (originsMsat[origin] ?? 0) + reserved(({ scope }) => scope.origin === origin),
      windowMinutes: undefined,
    },
    { name: "perHourSats", spentMsat: spentWithin(state, HOUR_MINUTES, now) + all, windowMinutes: HOUR_MINUTES },
    { name: "perDaySats", spentMsat: spentWithin(state, DAY_MINUTES, now) + all, windowMinutes: DAY_MINUTES },
    { name: "totalSats", spentMsat: totalMsat + all, windowMinutes: undefined },
  ] as const;
}

/** Counts a minute as long as any moment of it is in the window. */
function spentWithin(state: ClientState, windowMinutes: number, now: number): number {
  let sum = 0;
  for (const [minute, msat] of Object.entries(state.spent.minutesMsat)) {
    if (endOf(minute) > now - windowMinutes * MINUTE) sum += msat;
  }
  return sum;
}

/** When enough has left the window. `undefined` where what is missing is only reserved, or would never fit. */
function freesAt(state: ClientState, windowMinutes: number, missingMsat: number, now: number): number | undefined {
  let missing = missingMsat;
  const minutes = Object.entries(state.spent.minutesMsat).sort(([a], [b]) => Number(a) - Number(b));
  for (const [minute, msat] of minutes) {
    const leaves = endOf(minute) + windowMinutes * MINUTE;
    if (leaves <= now) continue;
    missing -= msat;
    if (missing <= 0) return leaves;
  }
  return undefined;
}

const endOf = (minute: string) => (Number(minute) + 1) * MINUTE;

interface Shortage {
  name: string;
  limit: number;
  spentMsat: number;
  leastMsat: number;
}

function exceeded({ name, limit, spentMsat, leastMsat }: Shortage, freesAt: number | undefined) {
  const used = spentMsat > 0 ? `, ${spentMsat / 1000} of it spent or reserved` : "";
  const free = freesAt ? ` There is room again at ${new Date(freesAt).toISOString()}.` : "";
  return clientError(
    "BUDGET_EXCEEDED",
    `budget.${name} is ${limit} sats${used}; this costs ${leastMsat / 1000} sats.${free}`,
    { ...(freesAt && { retryable: true }) },
  );
}

/** Books money that left, and forgets what no window needs any more. */
export function book(state: ClientState, origin: string, msat: number, now: number): void {
  const { spent } = state;
  spent.totalMsat += msat;
  spent.originsMsat[origin] = (spent.originsMsat[origin] ?? 0) + msat;
  const minute = String(Math.floor(now / MINUTE));
  spent.minutesMsat[minute] = (spent.minutesMsat[minute] ?? 0) + msat;
  for (const old of Object.keys(spent.minutesMsat)) {
    if (endOf(old) <= now - DAY_MINUTES * MINUTE) delete spent.minutesMsat[old];
  }
}

export interface Spending {
  hourMsat: number;
  dayMsat: number;
  totalMsat: number;
  originsMsat: Record<string, number>;
  /** Reserved for payments whose outcome is not known yet; not part of the other figures. */
  pendingMsat: number;
}

export const spendingOf = (state: ClientState, now: number): Spending => ({
  hourMsat: spentWithin(state, HOUR_MINUTES, now),
  dayMsat: spentWithin(state, DAY_MINUTES, now),
  totalMsat: state.spent.totalMsat,
  originsMsat: { ...state.spent.originsMsat },
  pendingMsat: Object.values(state.pending).reduce((sum, entry) => sum + entry.amountMsat + entry.maxFeeMsat, 0),
});
