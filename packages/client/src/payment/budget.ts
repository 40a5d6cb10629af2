import { checkOption, clientError, refuseUnknownOptions } from "@l402/core";
import type { ClientState } from "../state/client-state.ts";
import { inSats } from "./payment-errors.ts";

/** The most that may be spent, in sats, fees included. Only `perRequestSats` has a default; the others are off. */
export interface BudgetLimits {
  /** Limit for one payment. Default 1000. */
  perRequestSats?: number | undefined;
  /** Limit for all payments ever to one origin. */
  perOriginSats?: number | undefined;
  /** Limit for any 60 minutes. */
  perHourSats?: number | undefined;
  /** Limit for any 24 hours. */
  perDaySats?: number | undefined;
  /** Limit for all payments ever. */
  totalSats?: number | undefined;
}

const NAMES = ["perRequestSats", "perOriginSats", "perHourSats", "perDaySats", "totalSats"] as const;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** How many minutes are kept: more than a day has. */
const MOST_MINUTES = 1500;
const WINDOWS: { [Name in keyof BudgetLimits]?: number } = { perHourSats: HOUR, perDaySats: DAY };

export type CheckedLimits = BudgetLimits & { perRequestSats: number };

export function checkBudget(budget: BudgetLimits = {}): CheckedLimits {
  refuseUnknownOptions("createL402Client: budget", budget, NAMES);
  const { perRequestSats = 1000 } = budget;
  const limits = { ...budget, perRequestSats };
  for (const name of NAMES) {
    checkOption(isLimit(limits[name]), `createL402Client: budget.${name}`, "a whole number of sats");
  }
  return limits;
}

export const isLimit = (sats: number | undefined): boolean =>
  sats === undefined || (Number.isSafeInteger(sats) && sats >= 0);

interface Expense {
  origin: string;
  amountMsat: number;
  /** The fee that would be allowed if there were no budget. */
  wantedFeeMsat: number;
  /** The fee that the budget must have room for, because the wallet cannot be given a lower fee limit. */
  leastFeeMsat: number;
}

/**
 * The highest fee that a payment may cost, so that this payment and all reserved payments together stay within every
 * limit. Throws BUDGET_EXCEEDED if there is no room for the amount and the lowest fee.
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
    const window = WINDOWS[name];
    const frees = window ? freesAt(state, window, -left, now) : Number.POSITIVE_INFINITY;
    // The error names the limit that stays exceeded for longest.
    if (shortage && shortage.frees >= frees) continue;
    const spent = usedMsat ? `, ${usedMsat / 1000} of it spent` : "";
    const open = openMsat ? `, ${openMsat / 1000} reserved` : "";
    const message = `budget.${name} is ${inSats(limit * 1000)}${spent}${open}; this costs ${inSats(leastMsat)}.`;
    shortage = { message, frees, mayFree: openMsat + left >= 0 };
  }
  if (!shortage) return fee;
  const { message, frees, mayFree } = shortage;
  const isKnown = Number.isFinite(frees);
  if (!isKnown && !mayFree) throw clientError("BUDGET_EXCEEDED", message);
  const room = isKnown
    ? `There is room again at ${new Date(frees).toISOString()}.`
    : "There may be room again when payments under way end.";
  throw clientError("BUDGET_EXCEEDED", `${message} ${room}`, { retryable: true });
}

/** The money that already counts against a limit, without reserved payments. */
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

/** The money spent within a window. A minute counts as long as any part of it is in the window. */
function spentWithin(state: ClientState, window: number, now: number): number {
  let sum = 0;
  for (const [minute, msat] of Object.entries(state.spent.minutesMsat)) {
    if (endOf(minute) > now - window) sum += msat;
  }
  return sum;
}

/** The time when enough money has left the window. Infinity if reserved payments block it, or if it can never fit. */
function freesAt(state: ClientState, window: number, missingMsat: number, now: number): number {
  let missing = missingMsat;
  for (const [minute, msat] of Object.entries(state.spent.minutesMsat)) {
    const leaves = endOf(minute) + window;
    if (leaves <= now) continue;
    missing -= msat;
    if (missing <= 0) return leaves;
  }
  return Number.POSITIVE_INFINITY;
}

const endOf = (minute: string) => (Number(minute) + 1) * MINUTE;

/** Books spent money, and removes minutes that no window needs any more. */
export function book(state: ClientState, origin: string, msat: number, now: number): void {
  const { spent } = state;
  spent.totalMsat += msat;
  spent.originsMsat[origin] = (spent.originsMsat[origin] ?? 0) + msat;
  const minute = String(Math.floor(now / MINUTE));
  spent.minutesMsat[minute] = (spent.minutesMsat[minute] ?? 0) + msat;
  // Old minutes are not found by the clock: it may be fast today and corrected tomorrow. Number keys are in order.
  const minutes = Object.keys(spent.minutesMsat);
  minutes.slice(0, -MOST_MINUTES).forEach((oldest, i) => {
    const next = minutes[i + 1] as string;
    // What is no longer kept counts a little longer, and never less: the oldest may be the payment of just now.
    spent.minutesMsat[next] = (spent.minutesMsat[next] ?? 0) + (spent.minutesMsat[oldest] ?? 0);
    delete spent.minutesMsat[oldest];
  });
}

/** What was spent, fees included. */
export interface Spending {
  /** In the last 60 minutes. */
  hourMsat: number;
  /** In the last 24 hours. */
  dayMsat: number;
  totalMsat: number;
  /** The total of each origin. */
  originsMsat: Record<string, number>;
  /** Reserved for payments whose outcome is not known yet. The other figures do not include it. */
  pendingMsat: number;
  /** What of this is reserved for payments to each origin. */
  originsPendingMsat: Record<string, number>;
}

export const spendingOf = (state: ClientState, now: number): Spending => ({
  hourMsat: spentWithin(state, HOUR, now),
  dayMsat: spentWithin(state, DAY, now),
  totalMsat: state.spent.totalMsat,
  originsMsat: { ...state.spent.originsMsat },
  pendingMsat: reservedMsat(state),
  originsPendingMsat: Object.fromEntries(
    Object.values(state.pending).map(({ scope: { origin } }) => [origin, reservedMsat(state, origin)]),
  ),
});
