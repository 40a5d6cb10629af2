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
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** More than a day's. */
const MOST_MINUTES = 1500;
const WINDOWS: { [Name in keyof BudgetLimits]?: number } = { perHourSats: HOUR, perDaySats: DAY };

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
  const { origin, amountMsat, wantedFeeMsat, leastFeeMsat } = expense;
  const leastMsat = amountMsat + leastFeeMsat;
  let fee = wantedFeeMsat;
  let shortage: { message: string; frees: number; mayFree: boolean } | undefined;
  for (const name of NAMES) {
    const limit = limits[name];
    if (limit === undefined) continue;
    const usedMsat = spentMsat(name, state, origin, now);
    const openMsat = name === "perRequestSats" ? 0 : reservedMsat(state, name === "perOriginSats" ? origin : undefined);
    const left = limit * 1000 - usedMsat - openMsat - leastMsat;
    if (left >= 0) {
      fee = Math.min(fee, leastFeeMsat + left);
      continue;
    }
    const frees = freesAt(state, WINDOWS[name], -left, now);
    // What has to be waited for longest.
    if (shortage && shortage.frees >= frees) continue;
    const inTheWay = [usedMsat && `${usedMsat / 1000} of it spent`, openMsat && `${openMsat / 1000} reserved`];
    const parts = [`budget.${name} is ${limit} sats`, ...inTheWay.filter(Boolean)].join(", ");
    shortage = { frees, mayFree: openMsat + left >= 0, message: `${parts}; this costs ${leastMsat / 1000} sats.` };
  }
  if (!shortage) return fee;
  const { message, frees, mayFree } = shortage;
  const isKnown = frees !== Number.POSITIVE_INFINITY;
  if (!isKnown && !mayFree) throw clientError("BUDGET_EXCEEDED", message);
  const room = isKnown
    ? `There is room again at ${new Date(frees).toISOString()}.`
    : "There may be room again when the payments under way have ended.";
  throw clientError("BUDGET_EXCEEDED", `${message} ${room}`, { retryable: true });
}

/** What a limit has to hold already, but for what is reserved. */
function spentMsat(name: keyof BudgetLimits, state: ClientState, origin: string, now: number): number {
  if (name === "perRequestSats") return 0;
  const { totalMsat, originsMsat } = state.spent;
  if (name === "perOriginSats") return originsMsat[origin] ?? 0;
  const window = WINDOWS[name];
  return window ? spentWithin(state, window, now) : totalMsat;
}

const reservedMsat = ({ pending }: ClientState, origin?: string): number =>
  Object.values(pending)
    .filter(({ scope }) => !origin || scope.origin === origin)
    .reduce((sum, { amountMsat, maxFeeMsat }) => sum + amountMsat + maxFeeMsat, 0);

/** Counts a minute as long as any moment of it is in the window. */
function spentWithin(state: ClientState, window: number, now: number): number {
  let sum = 0;
  for (const [minute, msat] of Object.entries(state.spent.minutesMsat)) {
    if (endOf(minute) > now - window) sum += msat;
  }
  return sum;
}

/** When enough has left the window. Never, as far as is known, where what is missing is only reserved, or cannot fit. */
function freesAt(state: ClientState, window: number | undefined, missingMsat: number, now: number): number {
  let missing = missingMsat;
  const minutes = window ? Object.entries(state.spent.minutesMsat) : [];
  minutes.sort(([a], [b]) => Number(a) - Number(b));
  for (const [minute, msat] of minutes) {
    const leaves = endOf(minute) + (window ?? 0);
    if (leaves <= now) continue;
    missing -= msat;
    if (missing <= 0) return leaves;
  }
  return Number.POSITIVE_INFINITY;
}

const endOf = (minute: string) => (Number(minute) + 1) * MINUTE;

/** Books money that left, and forgets what no window needs any more. */
export function book(state: ClientState, origin: string, msat: number, now: number): void {
  const { spent } = state;
  spent.totalMsat += msat;
  spent.originsMsat[origin] = (spent.originsMsat[origin] ?? 0) + msat;
  const minute = String(Math.floor(now / MINUTE));
  spent.minutesMsat[minute] = (spent.minutesMsat[minute] ?? 0) + msat;
  // Not by a clock, which may be ahead and set right tomorrow. Numbers are in order.
  for (const old of Object.keys(spent.minutesMsat).slice(0, -MOST_MINUTES)) delete spent.minutesMsat[old];
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
  hourMsat: spentWithin(state, HOUR, now),
  dayMsat: spentWithin(state, DAY, now),
  totalMsat: state.spent.totalMsat,
  originsMsat: { ...state.spent.originsMsat },
  pendingMsat: reservedMsat(state),
});
