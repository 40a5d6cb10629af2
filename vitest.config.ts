import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { packages } from "./tooling/packages.mjs";
import { root } from "./tooling/run.mjs";

// Every folder with tests is a project of its own: `npm test -- --project core`. Apps are called apps/<name>, because
// one can have the name of a package.
const projects = [...packages, { name: "tooling", path: "tooling" }]
  .filter(({ path }) => existsSync(`${path}/test`))
  .map(({ name, path }) => ({
    name: path.startsWith("apps/") ? path : name,
    root: path,
    // What all tests of a folder share, such as a database server.
    ...(existsSync(`${path}/test/global-setup.ts`) && { globalSetup: `${root}/${path}/test/global-setup.ts` }),
  }));

export default defineConfig({
  // The packages name their sources under this condition, so tests need no build.
  ssr: { resolve: { conditions: ["@l402/source", "node"] } },
  test: {
    environment: "node",
    // Generous, because a busy machine is no reason to fail. Nothing waits for it.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // One more than there are processors, because many tests wait for other processes.
    maxWorkers: availableParallelism() + 1,
    include: ["test/**/*.test.ts"],
    // What a paywall prints for its seller when a test makes it fail.
    onConsoleLog: (log) => !log.startsWith("l402: "),
    projects: projects.map((project) => ({ extends: true as const, test: project })),
  },
});
