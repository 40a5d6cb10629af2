import type { Sql } from "../database/database.ts";

/** One transaction of a merchant's account. */
export interface StatementLine {
  /** Ask for what comes `after` it. */
  cursor: number;
  at: Date;
  kind: string;
  /** The payment hash of a payment, in or out. */
  paymentHash: string | null;
  payoutId: string | null;
  /** What the buyer paid, or what the payee of a payout got. */
  amountMsat: number;
  /** The service's share of a payment. */
  feeMsat: number;
  /** What a payout cost on the way. */
  routingFeeMsat: number;
  /** Of a payout that was paid: the proof. */
  preimage: string | null;
  /** Of a payout that gives a payment back: that payment's hash. */
  refundOf: string | null;
  availableChangeMsat: number;
  pendingChangeMsat: number;
  availableMsat: number;
  pendingMsat: number;
}

export const MAX_LINES = 1_000;

/** A merchant's transactions, the oldest first, with the balances after each. */
export function readStatement(sql: Sql, merchantId: string, after = 0, limit = MAX_LINES): Promise<StatementLine[]> {
  const [own, pending, owed] = [`merchant:${merchantId}`, `merchant:${merchantId}:pending`, `owed:${merchantId}`];
  // A transaction has at most two entries of one merchant, next to each other.
  return sql.query<StatementLine>(
    `with lines as (
        select e.transaction_id, max(e.id) cursor,
          coalesce(sum(e.amount_msat) filter (where e.account in ($2, $4)), 0)::bigint available_change,
          coalesce(sum(e.amount_msat) filter (where e.account = $3), 0)::bigint pending_change
        from (select * from managed.entries where account in ($2, $3, $4) and id > $1 order by id limit 2 * $5::int + 1) e
        group by e.transaction_id order by cursor limit $5::int
      )
      select l.cursor "cursor", t.at, t.kind, coalesce(i.payment_hash, p.payment_hash) "paymentHash", p.id "payoutId",
        coalesce(i.received_msat, p.amount_msat) "amountMsat",
        case when i.kind = 'bill' then 0 else coalesce(i.fee_msat, 0) end "feeMsat",
        case when t.kind = 'payout-paid' then p.fee_msat else 0 end "routingFeeMsat",
        case when t.kind = 'payout-paid' then p.preimage end "preimage", p.refund_of "refundOf",
        l.available_change "availableChangeMsat", l.pending_change "pendingChangeMsat",
        coalesce((select balance_msat from managed.entries where account = $2 and id <= l.cursor order by id desc limit 1),
          (select balance_msat from managed.entries where account = $4 and id <= l.cursor order by id desc limit 1), 0)::bigint "availableMsat",
        coalesce((select balance_msat from managed.entries where account = $3 and id <= l.cursor order by id desc limit 1), 0)::bigint "pendingMsat"
      from lines l join managed.transactions t on t.id = l.transaction_id
      left join managed.invoices i on i.payment_hash = t.ref left join managed.payouts p on p.id = t.ref
      order by l.cursor`,
    [after, own, pending, owed, Math.min(limit, MAX_LINES)],
  );
}

const COLUMNS = [
  ...["cursor", "at", "kind", "paymentHash", "payoutId", "amountMsat", "feeMsat", "routingFeeMsat", "preimage"],
  ...["availableChangeMsat", "pendingChangeMsat", "availableMsat", "pendingMsat", "refundOf"],
] as const;

/** The statement for a spreadsheet. No cell holds a text of anybody else's, so none can be a formula. */
export function statementCsv(lines: readonly StatementLine[]): string {
  const cell = (value: unknown) => (value instanceof Date ? value.toISOString() : String(value ?? ""));
  const rows = lines.map((line) => COLUMNS.map((column) => cell(line[column as keyof StatementLine])));
  return [COLUMNS, ...rows].map((row) => `${row.join(",")}\r\n`).join("");
}
