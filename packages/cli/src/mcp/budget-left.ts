import type { Spending } from "@l402/client";
import type { Limits } from "../open-client.ts";
import { number, objectOf } from "./tool.ts";

const PERIODS = { hour: "perHourSats", day: "perDaySats", total: "totalSats" } as const;
const SPENT = { hour: "hourMsat", day: "dayMsat", total: "totalMsat" } as const;

type Period = keyof typeof PERIODS;

export const LEFT_SCHEMA = objectOf(
  {
    requestSats: number("The most that the next request to this seller may cost"),
    hourSats: number("Left for the last 60 minutes"),
    daySats: number("Left for the last 24 hours"),
    totalSats: number("Left in total"),
    originSats: number("Left for this seller"),
  },
  "The amounts that may still be spent, for each limit that is set",
);

/** The sats that may still be spent at an address. Running payments count as spent. */
export function budgetLeft(limits: Limits, spending: Spending, { origin }: URL) {
  const left = Object.entries(PERIODS).flatMap(([period, name]) => {
    const limit = limits[name];
    const spentMsat = spending[SPENT[period as Period]];
    return limit === undefined ? [] : [[`${period}Sats`, leftOf(limit, spentMsat, spending.pendingMsat)]];
  });
  const { perOriginSats } = limits;
  const { originsMsat, originsPendingMsat } = spending;
  if (perOriginSats !== undefined)
    left.push(["originSats", leftOf(perOriginSats, originsMsat[origin], originsPendingMsat[origin])]);
  const requestSats = Math.min(limits.perRequestSats, ...left.map(([, sats]) => Number(sats)));
  return { requestSats, ...Object.fromEntries(left) };
}

/** The limit, the spending and the rest, by period. */
export function budgetByPeriod(limits: Limits, spending: Spending) {
  const periods = Object.entries(PERIODS).map(([period, name]) => {
    const spentMsat = spending[SPENT[period as Period]];
    return [period, accountOf(limits[name], spentMsat, spending.pendingMsat)];
  });
  const { originsMsat, originsPendingMsat } = spending;
  const origins = Object.entries(originsMsat)
    .sort(([, a], [, b]) => b - a)
    .map(([origin, spentMsat]) => ({
      origin,
      ...accountOf(limits.perOriginSats, spentMsat, originsPendingMsat[origin]),
    }));
  return {
    request: { limitSats: limits.perRequestSats },
    ...Object.fromEntries(periods),
    underWaySats: spending.pendingMsat / 1000,
    origins: origins.slice(0, 20),
  };
}

const accountOf = (limitSats: number | undefined, spentMsat: number, pendingMsat?: number) => ({
  spentSats: spentMsat / 1000,
  ...(limitSats !== undefined && { limitSats, leftSats: leftOf(limitSats, spentMsat, pendingMsat) }),
});

const leftOf = (limitSats: number, spentMsat = 0, pendingMsat = 0) =>
  Math.max(0, limitSats - (spentMsat + pendingMsat) / 1000);
