import { existsSync } from "node:fs";
import { defineConfig } from "vitest/config";
import { packages } from "./tooling/packages.mjs";

// Every folder with tests is a project of its own: `npx vitest run --project core`.
const folders = [...packages, { name: "tooling", path: "tooling" }].filter(({ path }) => existsSync(`${path}/test`));

export default defineConfig({
  // The packages name their sources under this condition, so tests need no build.
  ssr: { resolve: { conditions: ["@l402/source", "node", "import", "module", "default"] } },
  test: {
    environment: "node",
    include: ["test/**/*.test.ts"],
    projects: folders.map(({ name, path }) => ({ extends: true as const, test: { name, root: path } })),
  },
});
