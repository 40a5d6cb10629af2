// Starts a package from a template: npm run new provider strike
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { runTool } from "./check-tools.mjs";
import { KINDS, packagePath, writePackage } from "./package-template.mjs";
import { packagesIn } from "./packages.mjs";
import { pnpm } from "./pnpm.mjs";
import { fail, root } from "./run.mjs";

const USAGE = `Usage: npm run new ${Object.keys(KINDS).join("|")} <name>`;

const { values, positionals } = readArguments();
const checkout = values.root ?? root;
const [kind, name, ...more] = positionals;

const problem = findProblem();
if (problem) fail(problem, 2);
const path = writePackage(checkout, kind, name);
if (!values.root) {
  pnpm(["install", "--no-frozen-lockfile", "--prefer-offline"], { quiet: true });
  // A name decides where lines break and how imports are sorted.
  runTool("biome", ["check", "--write", path], { quiet: true });
}
console.log(`Created ${path}, which is @l402/${name}.

  npm test -- --project ${name}
      is red, and says what is left to write. Add --bail=1 to see one case after the other.
  packages/${KINDS[kind]}/README.md
      says how, in six steps.`);

function readArguments() {
  try {
    // For the tests of this script: another checkout, in which nothing is installed or formatted.
    return parseArgs({ allowPositionals: true, options: { root: { type: "string" } } });
  } catch {
    return fail(USAGE, 2);
  }
}

function findProblem() {
  if (name === undefined || more.length > 0) return USAGE;
  if (!Object.hasOwn(KINDS, kind)) return `"${kind}" is no kind of package. Kinds: ${Object.keys(KINDS).join(", ")}.`;
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length > 40) {
    return `"${name}" is no name for a package. Use lower-case letters, digits and single hyphens, such as core-lightning.`;
  }
  const twin = packagesIn(checkout).find(({ manifest }) => manifest.name === `@l402/${name}`);
  if (twin) return `There is an @l402/${name} already, in ${twin.path}.`;
  return existsSync(`${checkout}/${packagePath(kind, name)}`) && `${packagePath(kind, name)} exists already.`;
}
