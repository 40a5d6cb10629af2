// An empty project, as a user has it, with packages from npm or from tarballs.
import { mkdirSync, writeFileSync } from "node:fs";
import { run } from "../../run.mjs";

export function createUserProject(directory, manifest, dependencies) {
  mkdirSync(directory);
  writeFileSync(`${directory}/package.json`, JSON.stringify({ private: true, ...manifest }));
  const quietly = ["--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", "--loglevel=error"];
  run("npm", ["install", ...quietly, ...dependencies], { cwd: directory, quiet: true });
}
