// Publishes all packages, after everything that can be known before was tried:
//   npm run release -- --dry-run    all of it but the publishing
// The packages are packed, inspected, installed from their tarballs into empty projects, and used there in every runtime.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { inspect } from "./check-steps/packages/inspect.mjs";
import { packAll } from "./check-steps/packages/pack-all.mjs";
import { pnpm } from "./pnpm.mjs";
import { checkManifests } from "./release/manifests.mjs";
import { useInProjects } from "./release/projects.mjs";
import { fail, run } from "./run.mjs";

const [mode, ...rest] = process.argv.slice(2);
if ((mode !== undefined && mode !== "--dry-run") || rest.length > 0) fail("Usage: npm run release -- [--dry-run]", 2);
const isDryRun = mode === "--dry-run";

const directory = mkdtempSync(`${tmpdir()}/l402-release-`);
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));

step("manifests", () => checkManifests({ isDryRun }));
const tarballs = step("pack", () => packAll(directory));
step("inspect", () => inspect(tarballs, directory));
step("use", () => useInProjects(tarballs, directory));

if (isDryRun) {
  console.log(`${tarballs.length} packages are ready. Nothing was published.`);
} else {
  run("git", ["diff", "--quiet", "HEAD"], { advice: "There are uncommitted changes." });
  // Skips what is published already, so a release that broke off can be run again.
  pnpm(["--recursive", "publish", "--access", "public", "--no-git-checks"]);
}

function step(name, work) {
  console.log(`▸ ${name}`);
  const started = performance.now();
  const result = work();
  console.log(`✓ ${name} ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}
