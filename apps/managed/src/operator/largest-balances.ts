import type { Sql } from "../database/database.ts";

export interface LargeBalance {
  merchantId: string;
  lightningAddress: string;
  availableMsat: number;
  pendingMsat: number;
  isParked: boolean;
}

/** Whom the most is owed, for the admin page. */
export const largestBalances = (sql: Sql, limit = 10): Promise<LargeBalance[]> =>
  sql.query<LargeBalance>(
    `select m.id "merchantId", m.lightning_address "lightningAddress", b.balance_msat "availableMsat",
        p.balance_msat "pendingMsat", m.parked_at is not null "isParked"
      from managed.balances b join managed.merchants m on b.account = 'merchant:' || m.id
      join managed.balances p on p.account = b.account || ':pending' and p.shard = 0
      where b.account like 'merchant:%' and b.shard = 0 and b.balance_msat + p.balance_msat > 0
      order by b.balance_msat + p.balance_msat desc limit $1`,
    [limit],
  );
