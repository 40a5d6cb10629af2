// Writes packages as tarballs into a folder, as they would be published: all of them, or those that are named and what
// they need.
//   npm run pack -- ../my-app/l402 express client
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { packAll } from "./check-steps/packages/pack-all.mjs";
import { neededPackages, shortNames } from "./needed-packages.mjs";
import { published } from "./packages.mjs";
import { fail } from "./run.mjs";

const [folder, ...names] = process.argv.slice(2);
const usage = `Usage: npm run pack -- <folder> [names…], such as: npm run pack -- ../my-app/l402 express client`;
if (!folder || folder.startsWith("-")) fail(usage, 2);
const { packages = published, problem } = names.length > 0 ? neededPackages(names, published) : {};
if (problem) fail(problem, 2);
const directory = resolve(folder);
mkdirSync(directory, { recursive: true });
const built = packages.length > 9 ? `${packages.length} packages` : shortNames(packages);
// What two cores take; what did not change since is not built again.
const minutes = Math.ceil(packages.length / 5);
console.log(`Building ${built}: about ${minutes} min, twice that on a busy computer …`);
packAll(directory, packages);
// SECURITY: npm asks the public registry for every package of ours that is not listed, and there anybody may hold the
// name (newcomer.mjs installs what is packed here with a registry that knows no name of ours).
console.log(`${packages.length} packages are in ${directory}. In your project, install all of them at once:

    npm install ${directory}/*.tgz

Commit them with the project: npm ci needs them too, and on the public registry these names are not ours.`);
