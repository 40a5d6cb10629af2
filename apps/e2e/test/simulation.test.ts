import { describe, expect, it } from "vitest";
import { runWorld } from "../src/simulation/run-world.ts";

const { L402_SIMULATION_FROM: from = "0", L402_SIMULATION_SEEDS: count = "30" } = process.env;

/**
 * Buyers, sellers, their servers, stores, clocks and nodes, and the network between them, in one process and in virtual
 * time: each seed is one course of events. To repeat one alone:
 * L402_SIMULATION_FROM=1234 L402_SIMULATION_SEEDS=1 npm test -- --project apps/e2e simulation
 */
describe("a world where everything goes wrong", () => {
  it.each(Array.from({ length: Number(count) }, (_, i) => Number(from) + i))(
    "keeps its money (seed %i)",
    async (seed) => {
      const { problems, course } = await runWorld(seed);
      if (problems.length > 0) console.error(course.join("\n"));
      expect(problems).toEqual([]);
    },
  );
});
