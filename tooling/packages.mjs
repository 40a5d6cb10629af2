// The packages of a checkout, found where pnpm-workspace.yaml looks for them.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { root } from "./run.mjs";

const GROUPS = ["packages", "packages/providers", "packages/stores", "packages/adapters", "apps"];

export const packagesIn = (checkout) =>
  GROUPS.filter((group) => existsSync(`${checkout}/${group}`))
    .flatMap((group) => readdirSync(`${checkout}/${group}`).map((name) => ({ name, path: `${group}/${name}` })))
    .filter(({ path }) => existsSync(`${checkout}/${path}/package.json`))
    .map((folder) => ({ ...folder, manifest: readManifest(`${checkout}/${folder.path}`) }));

export const readManifest = (directory) => JSON.parse(readFileSync(`${directory}/package.json`, "utf8"));

/** Examples are no part of the workspace: they are installed alone, as a user's project is. */
const isExample = ({ path }) => path.startsWith("apps/example-");

export const packages = packagesIn(root).filter((each) => !isExample(each));
export const published = packages.filter(({ manifest }) => !manifest.private);
export const examples = packagesIn(root).filter(isExample);
