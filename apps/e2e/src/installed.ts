import { spawnSync } from "node:child_process";

/**
 * Whether a program of the machine is there. Tests that need it are skipped elsewhere, with a printed reason; CI installs
 * all of them, so there a missing one is a failure.
 */
export function isInstalled(program: string): boolean {
  const found = spawnSync(program, ["--version"], { stdio: "ignore" }).error === undefined;
  if (!found && process.env.CI) throw new Error(`${program} must be installed in CI.`);
  if (!found) console.warn(`Skipped: ${program} is not installed here.`);
  return found;
}
