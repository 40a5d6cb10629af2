import type { Sql } from "../database/database.ts";

export interface MerchantBalance {
  availableMsat: number;
  /** Set aside for payouts under way. */
  pendingMsat: number;
  /** Fees of direct sales that were not paid yet. */
  owedMsat: number;
}

/** What a merchant has. One indexed row for each account, however long the ledger is. */
export async function merchantBalance(sql: Sql, merchantId: string): Promise<MerchantBalance> {
  const rows = await sql.query<{ account: string; balance_msat: number }>(
    "select account, balance_msat from managed.balances where account = any($1)",
    [[`merchant:${merchantId}`, `merchant:${merchantId}:pending`, `owed:${merchantId}`]],
  );
  const of = (account: string) => rows.find((row) => row.account === account)?.balance_msat ?? 0;
  return {
    availableMsat: of(`merchant:${merchantId}`),
    pendingMsat: of(`merchant:${merchantId}:pending`),
    owedMsat: Math.max(0, -of(`owed:${merchantId}`)),
  };
}

export interface ServiceBalance {
  /** What the ledger says that the node holds. */
  nodeMsat: number;
  merchantsMsat: number;
  merchantsPendingMsat: number;
  /** What the operator may withdraw. */
  feeMsat: number;
  feePendingMsat: number;
  billedMsat: number;
  /** What payouts cost above their fee limits; negative. */
  routingMsat: number;
  /** Set aside for payouts that were perhaps sent. */
  inFlightMsat: number;
}

/** One statement, so that all of it is of one instant. */
export async function serviceBalance(sql: Sql): Promise<ServiceBalance> {
  const [row] = await sql.query<ServiceBalance>(
    `select
      -coalesce(sum(balance_msat) filter (where account = 'node'), 0)::bigint "nodeMsat",
      coalesce(sum(balance_msat) filter (where account like 'merchant:%' and account not like '%:pending'), 0)::bigint "merchantsMsat",
      coalesce(sum(balance_msat) filter (where account like 'merchant:%:pending'), 0)::bigint "merchantsPendingMsat",
      coalesce(sum(balance_msat) filter (where account = 'fee'), 0)::bigint "feeMsat",
      coalesce(sum(balance_msat) filter (where account = 'fee:pending'), 0)::bigint "feePendingMsat",
      coalesce(sum(balance_msat) filter (where account = 'fee:billed'), 0)::bigint "billedMsat",
      coalesce(sum(balance_msat) filter (where account = 'routing'), 0)::bigint "routingMsat",
      (select coalesce(sum(amount_msat + max_fee_msat), 0)::bigint from managed.payouts where status = 'sending') "inFlightMsat"
    from managed.balances`,
  );
  return row as ServiceBalance;
}
