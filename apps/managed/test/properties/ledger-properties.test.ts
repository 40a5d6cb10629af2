import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../src/database/database.ts";
import { openTestDatabase } from "../postgres/open-test-database.ts";
import { createLedgerModel } from "./ledger-model.ts";
import { randomEvents } from "./random-events.ts";

// `npm run test:ledger` runs a hundred thousand. Every one is the same each time: its number is its seed.
const SEQUENCES = Number(process.env.L402_LEDGER_SEQUENCES ?? 600);
/** The first of them. To repeat one that failed: L402_LEDGER_SEED=4711 L402_LEDGER_SEQUENCES=1 */
const FIRST = Number(process.env.L402_LEDGER_SEED ?? 0);
/** In so many of them, every rule is checked after each event that wrote something, and otherwise at the end. */
const EACH_EVENT = SEQUENCES > 5_000 ? 5_000 : 200;
const BATCH = 50;
/** Databases at work at the same time. In one, they would wait for each other's merchants, and nothing could be vacuumed. */
const LANES = SEQUENCES > 5_000 ? Math.max(2, availableParallelism()) : 2;

interface Run {
  results: string[];
  balances: Record<string, number>;
  broken: string[];
}

let databases: Database[];
beforeAll(async () => {
  const probe = readFileSync(new URL("run-events.sql", import.meta.url), "utf8");
  databases = await Promise.all(Array.from({ length: LANES }, openTestDatabase));
  await Promise.all(databases.map((database) => database.script(probe)));
});
afterAll(() => Promise.all(databases.map((database) => database.close())));

/** Answers what was seen to happen, each time it was. */
async function runBatch(database: Database, first: number): Promise<string[]> {
  const length = Math.min(BATCH, FIRST + SEQUENCES - first);
  const sequences = Array.from({ length }, (_, i) => randomEvents(first + i));
  const rows = await database.query<{ run: Run }>(
    "select probe.run(s.events, $2) run from jsonb_array_elements($1::jsonb) with ordinality s(events, n) order by n",
    [JSON.stringify(sequences), first < FIRST + EACH_EVENT],
  );
  // What was undone is still in the files.
  await database.script("vacuum");
  return sequences.flatMap((events, i) => {
    const model = createLedgerModel();
    const results = events.map((event) => model.apply(event));
    const expected = { results, balances: model.balances(), broken: [] };
    expect(rows[i]?.run, `L402_LEDGER_SEED=${first + i} L402_LEDGER_SEQUENCES=1`).toEqual(expected);
    return events.map(({ op }, j) => `${op} ${results[j]}`);
  });
}

describe("the books", () => {
  it(`keep every rule after each event of ${SEQUENCES} random sequences, and say what a second book says`, {
    timeout: 3_600_000,
  }, async () => {
    const seen = new Set<string>();
    let [next, events] = [FIRST, 0];
    const work = async (database: Database) => {
      while (next < FIRST + SEQUENCES) {
        const first = next;
        next += BATCH;
        const happened = await runBatch(database, first);
        events += happened.length;
        for (const each of happened) seen.add(each);
      }
    };
    await Promise.all(databases.map(work));
    if (process.env.L402_LEDGER_SEQUENCES)
      console.log(
        `${SEQUENCES} histories of ${events} events kept every rule: seeds ${FIRST} to ${FIRST + SEQUENCES - 1}.`,
      );
    if (SEQUENCES < 600) return;
    // A test of nothing but refusals would prove little.
    expect([...seen].sort()).toEqual(
      [
        ...[
          "cheat refused",
          "failed false",
          "failed true",
          "invoice 23505",
          "invoice made",
          "paid 23001",
          "paid false",
        ],
        ...["paid true", "reserve 23505", "reserve insufficient", "reserve reserved", "send 23505", "send none"],
        ...["refund 23505", "refund insufficient", "refund not-refundable", "refund refunded", "refund reserved"],
        ...["refund too-much", "send sent", "settle before", "settle credited", "settle unknown"],
      ].sort(),
    );
  });
});
