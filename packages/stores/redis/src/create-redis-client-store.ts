import { type ClientStore, L402Error } from "@l402/core";
import { parseStored, READ_TEXT, type Stored, WRITE_TEXT } from "./client-text-scripts.ts";
import { unavailable } from "./redis-error.ts";
import { openRedis, type RedisOptions } from "./redis-options.ts";
import { wholeNumber } from "./whole-number.ts";
import { withinTime } from "./within-time.ts";

export interface RedisClientStoreOptions extends RedisOptions {
  /** The prefix of every key. Buyers with the same prefix share one budget. Default "l402:". */
  prefix?: string | undefined;
}

type Change = Parameters<ClientStore["update"]>[0];

interface Waiting {
  change: Change;
  resolve(): void;
  reject(error: unknown): void;
}

/** A change fails only if this many other changes are quicker, one after the other. */
const MAX_ATTEMPTS = 1000;

/**
 * Keeps the state of a client in Redis, for several processes with one budget: purchases, payments that may have been
 * made, and what was spent.
 *
 * SECURITY: a change is written only if no other process has changed the state meanwhile. Otherwise it is made again on
 * the newer state. There is no lock that a crash could leave behind (create-redis-client-store.budget.test.ts, "never
 * spend more").
 */
export function createRedisClientStore(options: RedisClientStoreOptions): ClientStore {
  const { run, prefix } = openRedis("createRedisClientStore", options);
  // The braces keep the state on one node of a cluster, together with the marks of the changes that were made.
  const key = `${prefix}{client}`;
  let known: Stored | undefined;
  let waiting: Waiting[] = [];
  let isBusy = false;

  /** Reads Redis's answer. It must not be older than `before`, the state that was known when Redis was asked. */
  function accept(answer: unknown, before: Stored | undefined): Stored | undefined {
    const found = answer === null ? undefined : parseStored(answer);
    if (answer !== null && !found)
      throw unavailable("the key holds something else than a client's state: is another program using the prefix?");
    // SECURITY: money that Redis forgot would be spent again (create-redis-client-store.test.ts, "has forgotten").
    const isOlder = before && (!found || (found.stamp !== before.stamp && found.changes <= before.changes));
    if (isOlder) throw forgotten();
    // Answers can overtake each other.
    if (found && !(known && known.changes > found.changes)) known = found;
    return found;
  }

  async function read(): Promise<Stored | undefined> {
    const before = known;
    const answer = await withinTime(run(READ_TEXT, [key], [before?.stamp ?? "none"]));
    return before && wholeNumber(answer) === 1 ? before : accept(answer, before);
  }

  async function write(group: readonly Waiting[]): Promise<void> {
    let before = await read();
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const { text, endings } = changeAll(group, before?.text);
      const finish = () => {
        for (const end of endings) end();
      };
      if (text === undefined || text === before?.text) return finish();
      const id = crypto.randomUUID();
      const changes = (before?.changes ?? 0) + 1;
      const stamp = `${changes}.${id}:`;
      const answer = await withinTime(run(WRITE_TEXT, [key, `${key}:${id}`], [before?.stamp ?? "", stamp + text]));
      if (wholeNumber(answer) === 1) {
        known = { stamp, changes, text };
        return finish();
      }
      before = accept(answer, before);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * Math.min(attempt, 20)));
    }
    throw unavailable("too many other processes change the state");
  }

  /** Changes that arrive during a write wait, and are then written together. */
  async function work(): Promise<void> {
    isBusy = true;
    while (waiting.length > 0) {
      const group = waiting;
      waiting = [];
      await write(group).catch((error) => {
        for (const { reject } of group) reject(error);
      });
    }
    isBusy = false;
  }

  return {
    read: async () => (await read())?.text,
    update: (change) =>
      new Promise((resolve, reject) => {
        waiting.push({ change, resolve, reject });
        if (!isBusy) void work();
      }),
  };
}

/** Makes one change after the other. The callers of refused changes are told when the rest is written. */
function changeAll(group: readonly Waiting[], before: string | undefined) {
  let text = before;
  const endings = group.map(({ change, resolve, reject }) => {
    try {
      text = change(text);
      return resolve;
    } catch (error) {
      return () => reject(error);
    }
  });
  return { text, endings };
}

const forgotten = () =>
  new L402Error("STORE_UNAVAILABLE", "Redis has lost what the client bought and spent, or a part of it.", {
    hint: "Before you restart, compare what was spent with your wallet. The README of @l402/redis says how Redis keeps its data.",
  });
