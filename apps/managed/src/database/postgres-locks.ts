import pg from "pg";
import { TIME_LIMITS } from "./postgres-limits.ts";

/**
 * Locks that one process on the database has at a time, whatever they are named. All are held by one connection, and end
 * with it: then another process may take over, which what is locked has to bear.
 */
export function createLocks(connectionString: string) {
  const held = new Set<string>();
  let connection: Promise<pg.Client> | undefined;

  async function connect(): Promise<pg.Client> {
    const client = new pg.Client({ ...TIME_LIMITS, connectionString });
    const forget = () => {
      connection = undefined;
    };
    client.on("error", forget);
    client.on("end", forget);
    await client.connect();
    return client;
  }

  let last: Promise<unknown> = Promise.resolve();
  /** One at a time, because that is what one connection can do. */
  function query(text: string, lock: string): Promise<boolean> {
    const result = last.then(() => queryNow(text, lock));
    last = result.catch(() => {});
    return result;
  }

  async function queryNow(text: string, lock: string): Promise<boolean> {
    connection ??= connect();
    const asked = connection;
    try {
      const client = await asked;
      const { rows } = await client.query<{ done: boolean }>(text, [lock]);
      return rows[0]?.done === true;
    } catch (error) {
      connection = undefined;
      // What it holds would otherwise stay locked as long as it lives.
      void asked.then((client) => client.end()).catch(() => {});
      throw error;
    }
  }

  return {
    async take(lock: string): Promise<boolean> {
      // The database gives a lock twice to one connection.
      if (held.has(lock)) return false;
      held.add(lock);
      try {
        const taken = await query("select pg_try_advisory_lock(hashtextextended($1, 402)) done", lock);
        if (!taken) held.delete(lock);
        return taken;
      } catch (error) {
        held.delete(lock);
        throw error;
      }
    },
    async release(lock: string): Promise<void> {
      // Without a connection there is nothing to unlock.
      await query("select pg_advisory_unlock(hashtextextended($1, 402)) done", lock).catch(() => {});
      held.delete(lock);
    },
    async close(): Promise<void> {
      await last;
      await (await connection?.catch(() => undefined))?.end();
    },
  };
}
