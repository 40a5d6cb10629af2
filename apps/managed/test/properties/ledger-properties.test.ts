import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "../../src/database/database.ts";
import { openTestDatabase } from "../postgres/open-test-database.ts";
import { createLedgerModel } from "./ledger-model.ts";
import { randomEvents } from "./random-events.ts";

// `npm run test:ledger` runs a hundred thousand. Every one is the same each time: its number is its seed.
const SEQUENCES = Number(process.env.L402_LEDGER_SEQUENCES ?? 600);
/** In so many of them, every rule is checked after each event, and otherwise at the end: a hundred thousand events. */
const EACH_EVENT = SEQUENCES > 5_000 ? 5_000 : 200;
const BATCH = 100;

interface Run {
  results: string[];
  balances: Record<string, number>;
  broken: string[];
}

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
  await database.script(readFileSync(new URL("run-events.sql", import.meta.url), "utf8"));
});
afterAll(() => database.close());

async function runBatch(first: number): Promise<Set<string>> {
  const sequences = Array.from({ length: Math.min(BATCH, SEQUENCES - first) }, (_, i) => randomEvents(first + i));
  const rows = await database.query<{ run: Run }>(
    "select probe.run(s.events, $2) run from jsonb_array_elements($1::jsonb) with ordinality s(events, n) order by n",
    [JSON.stringify(sequences), first < EACH_EVENT],
  );
  // What was undone is still in the files.
  await database.script("vacuum");
  const seen = new Set<string>();
  sequences.forEach((events, i) => {
    const model = createLedgerModel();
    const results = events.map((event) => model.apply(event));
    expect(rows[i]?.run, `sequence ${first + i}`).toEqual({ results, balances: model.balances(), broken: [] });
    for (const [j, { op }] of events.entries()) seen.add(`${op} ${results[j]}`);
  });
  return seen;
}

describe("the books", () => {
  it(`keep every rule after each event of ${SEQUENCES} random sequences, and say what a second book says`, {
    timeout: 3_600_000,
  }, async () => {
    const seen = new Set<string>();
    const work = async (start: number) => {
      for (let first = start; first < SEQUENCES; first += 2 * BATCH)
        for (const each of await runBatch(first)) seen.add(each);
    };
    await Promise.all([work(0), work(BATCH)]);
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
        ...["send sent", "settle before", "settle credited", "settle unknown"],
      ].sort(),
    );
  });
});
