import pg from "pg";
import { busy, type Database, type Sql, wholeNumber } from "./database.ts";
import { isUnanswered, LONG_QUERY_MS, TIME_LIMITS } from "./postgres-limits.ts";
import { createLocks } from "./postgres-locks.ts";

const INT8 = 20;
const MAX_CONNECTIONS = 12;

/** A Postgres server. */
export async function openPostgres(connectionString: string): Promise<Database> {
  const types = {
    getTypeParser: (oid: number, format?: "text") =>
      oid === INT8 ? wholeNumber : pg.types.getTypeParser(oid, format ?? "text"),
  } as pg.CustomTypesConfig;
  const pool = new pg.Pool({ ...TIME_LIMITS, connectionString, max: MAX_CONNECTIONS, types });
  // An idle connection that breaks is replaced; without a listener it would end the process.
  pool.on("error", () => {});
  const locks = createLocks(connectionString);

  const on = (client: pg.Pool | pg.PoolClient): Sql => ({
    async query<Row>(text: string, values: readonly unknown[] = [], { isLong = false } = {}) {
      const asked = { text, values: [...values], ...(isLong && { query_timeout: LONG_QUERY_MS }) };
      return (await client.query(asked)).rows as Row[];
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
        // A rollback would wait behind what has not been answered, and closing the connection does the same.
        broken = isUnanswered(error);
        if (!broken) {
          await client.query("rollback").catch(() => {
            broken = true;
          });
        }
        throw error;
      } finally {
        client.release(broken);
      }
    },
    script: async (text) => void (await sql.query(text, [], { isLong: true })),
    async exclusively(lock, act) {
      if (!(await locks.take(lock))) return busy;
      try {
        return await act();
      } finally {
        await locks.release(lock);
      }
    },
    async close() {
      await Promise.all([pool.end(), locks.close()]);
    },
  };
}
