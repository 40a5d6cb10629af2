// The packages of the workspace, found where pnpm-workspace.yaml looks for them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { root } from "./pnpm.mjs";

const groups = ["packages", "packages/providers", "packages/stores", "packages/adapters", "apps"];

export const packages = groups
  .filter((group) => existsSync(`${root}/${group}`))
  .flatMap((group) => readdirSync(`${root}/${group}`).map((name) => ({ name, path: `${group}/${name}` })))
  .filter(({ path }) => existsSync(`${root}/${path}/package.json`))
  .map((folder) => ({ ...folder, manifest: JSON.parse(readFileSync(`${root}/${folder.path}/package.json`, "utf8")) }));
