import type { Settings } from "../settings.ts";

export interface Statistics {
  merchants: number;
  /** How many there are in each state, over all time. */
  invoices: Record<"open" | "canceled" | "settled", number>;
  payouts: Record<"reserved" | "sending" | "paid" | "failed", number>;
  /** Merchants whose payouts have stopped after failures. */
  parked: number;
  /** When the oldest payout under way was begun; null where there is none. */
  oldestPayoutAt: Date | null;
  /** The oldest first, in UTC; days without payments as well. */
  days: Day[];
}

export interface Day {
  /** As 2026-01-31. */
  date: string;
  payments: number;
  receivedMsat: number;
  feeMsat: number;
  paidOutMsat: number;
}

/** What the operator looks at. It counts whole tables, so it is not for every second. */
export function createStatistics({ database, clock }: Settings) {
  return async (days = 30): Promise<Statistics> => {
    const [totals] = await database.query<Omit<Statistics, "days">>(
      `with i as (select status, count(*)::int n from managed.invoices group by status),
          p as (select status, count(*)::int n, min(created_at) first from managed.payouts group by status)
        select (select count(*)::int from managed.merchants) merchants,
          (select count(*)::int from managed.merchants where parked_at is not null) parked,
          (select json_build_object('open', 0, 'canceled', 0, 'settled', 0)::jsonb
            || coalesce(jsonb_object_agg(status, n), '{}') from i) invoices,
          (select json_build_object('reserved', 0, 'sending', 0, 'paid', 0, 'failed', 0)::jsonb
            || coalesce(jsonb_object_agg(status, n), '{}') from p) payouts,
          (select min(first) from p where status in ('reserved', 'sending')) "oldestPayoutAt"`,
    );
    const rows = await database.query<Day>(
      `with day as (select generate_series(date_trunc('day', $1::timestamptz at time zone 'UTC') - ($2::int - 1) * interval '1 day',
            date_trunc('day', $1::timestamptz at time zone 'UTC'), interval '1 day') d),
          t as (select date_trunc('day', t.at at time zone 'UTC') d,
              count(*) filter (where t.kind in ('payment', 'direct-sale'))::int payments,
              sum(i.received_msat) filter (where t.kind in ('payment', 'direct-sale')) received,
              sum(i.fee_msat) filter (where t.kind in ('payment', 'direct-sale')) fee,
              sum(p.amount_msat) filter (where t.kind = 'payout-paid') paid_out
            from managed.transactions t left join managed.invoices i on i.payment_hash = t.ref
            left join managed.payouts p on p.id = t.ref
            where t.at >= $1::timestamptz - ($2::int + 1) * interval '1 day' group by 1)
        select to_char(day.d, 'YYYY-MM-DD') date, coalesce(payments, 0) payments, coalesce(received, 0)::bigint "receivedMsat",
          coalesce(fee, 0)::bigint "feeMsat", coalesce(paid_out, 0)::bigint "paidOutMsat"
        from day left join t using (d) order by day.d`,
      [clock(), days],
    );
    return { ...(totals as Omit<Statistics, "days">), days: rows };
  };
}
