// Writes all packages as tarballs into a folder, as they would be published: npm run pack -- ../l402
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { packAll } from "./check-steps/packages/pack-all.mjs";
import { fail } from "./run.mjs";

const [folder, ...rest] = process.argv.slice(2);
if (!folder || rest.length > 0) fail("Usage: npm run pack -- <folder>", 2);
const directory = resolve(folder);
mkdirSync(directory, { recursive: true });
console.log("Building the packages, which takes a minute or two …");
console.log(
  `${packAll(directory).length} packages are in ${directory}. In your project: npm install ${directory}/*.tgz`,
);
