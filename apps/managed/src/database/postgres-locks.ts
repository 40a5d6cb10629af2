import pg from "pg";
import { TIME_LIMITS } from "./postgres-limits.ts";

/** Otherwise the server keeps the locks of a machine that lost its power, or its network, for more than two hours. */
const NOTICE_DEATH =
  "set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 10; set tcp_keepalives_count = 3; set tcp_user_timeout = 40000";

/**
 * Locks that one process on the database has at a time, whatever they are named. All are held by one connection, and end
 * with it: then another process may take over, which what is locked has to bear.
 */
export function createLocks(connectionString: string) {
  const held = new Set<string>();
  let connection: Promise<pg.Client> | undefined;

  function connect(): Promise<pg.Client> {
    const client = new pg.Client({ ...TIME_LIMITS, connectionString });
    const open = async () => {
      try {
        await client.connect();
        await client.query(NOTICE_DEATH);
        return client;
      } catch (error) {
        void client.end().catch(() => {});
        throw error;
      }
    };
    const opened = open();
    // A connection that breaks says both. At the second one, another connection has perhaps taken its place, and holds locks.
    const forget = () => {
      if (connection === opened) connection = undefined;
    };
    client.on("error", forget);
    client.on("end", forget);
    return opened;
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
