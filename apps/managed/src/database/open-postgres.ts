import pg from "pg";
import { busy, type Database, type Sql, wholeNumber } from "./database.ts";

const INT8 = 20;
const MAX_CONNECTIONS = 12;
/** Locks have connections of their own: a holder waits for queries, and must not keep the last connection from them. */
const MAX_LOCKS = 8;

/** A Postgres server. */
export async function openPostgres(connectionString: string): Promise<Database> {
  const types = {
    getTypeParser: (oid: number, format?: "text") =>
      oid === INT8 ? wholeNumber : pg.types.getTypeParser(oid, format ?? "text"),
  } as pg.CustomTypesConfig;
  const open = (max: number) => {
    const pool = new pg.Pool({ connectionString, max, types });
    // An idle connection that breaks is replaced; without a listener it would end the process.
    pool.on("error", () => {});
    return pool;
  };
  const [pool, locks] = [open(MAX_CONNECTIONS), open(MAX_LOCKS)];

  const on = (client: pg.Pool | pg.PoolClient): Sql => ({
    async query<Row>(text: string, values: readonly unknown[] = []) {
      return (await client.query(text, [...values])).rows as Row[];
    },
  });
  const sql = on(pool);
  await sql.query("select 1");

  return {
    name: "Postgres",
    query: sql.query,
    async transaction(act) {
      const client = await pool.connect();
      let broken = false;
      try {
        await client.query("begin");
        const result = await act(on(client));
        await client.query("commit");
        return result;
      } catch (error) {
        await client.query("rollback").catch(() => {
          broken = true;
        });
        throw error;
      } finally {
        client.release(broken);
      }
    },
    script: async (text) => void (await pool.query(text)),
    async exclusively(lock, act) {
      const client = await locks.connect();
      let held = false;
      try {
        const { rows } = await client.query("select pg_try_advisory_lock(hashtextextended($1, 402)) held", [lock]);
        held = rows[0]?.held === true;
        return held ? await act() : busy;
      } finally {
        // Closed with the lock, should it not unlock.
        const unlocked =
          !held ||
          (await client.query("select pg_advisory_unlock(hashtextextended($1, 402))", [lock]).then(
            () => true,
            () => false,
          ));
        client.release(!unlocked);
      }
    },
    async close() {
      await Promise.all([pool.end(), locks.end()]);
    },
  };
}
