import type { Network } from "@l402/core";
import type { Database } from "./database.ts";

/**
 * Ties a database to a network, for good.
 *
 * SECURITY: play money would become a balance in real money (read-environment.test.ts, "books of another network").
 */
export async function claimNetwork(database: Database, network: Network): Promise<void> {
  await database.query("insert into managed.network (name) values ($1) on conflict do nothing", [network]);
  const [row] = await database.query<{ name: string }>("select name from managed.network");
  if (row?.name === network) return;
  throw new Error(
    `The database contains the ledger of the network ${row?.name}, but the service is set to ${network}. Use another database, or set L402_NETWORK=${row?.name}.`,
  );
}
