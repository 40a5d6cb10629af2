// Empty projects, as users have them: what is in release/projects and docs/examples is run there, from tarballs.
import { cpSync } from "node:fs";
import { createUserProject } from "../check-steps/packages/user-project.mjs";
import { freePort } from "../free-port.mjs";
import { root, run } from "../run.mjs";
import { installRuntimes } from "../runtimes.mjs";

const USED = ["backend", "bolt11", "client", "core", "express", "testing"].map((name) => `@l402/${name}`);
const EXPRESS = ["express@5", "@types/express@5"];
const TYPESCRIPT = ["typescript@5", "@types/node@20"];
const PORT = String(await freePort());

export function useInProjects(tarballs, directory) {
  const runtimes = findRuntimes();
  const files = tarballs.filter(({ name }) => USED.includes(name)).map(({ file }) => file);
  const projectOf = (name, type, dependencies) =>
    createProject(`${directory}/${name}`, name, type, [...files, ...dependencies]);

  const esm = projectOf("esm", "module", EXPRESS);
  for (const example of ["shop", "buy", "by-hand"])
    cpSync(`${root}/docs/examples/${example}.mjs`, `${esm}/${example}.mjs`);
  for (const { name, command, args } of runtimes) {
    for (const file of ["buy.mjs", "by-hand.mjs"]) use(`${file} in ${name}`, command, [...args, file], esm);
  }

  const cjs = projectOf("cjs", "commonjs", EXPRESS);
  for (const { name, command, args } of runtimes.filter(({ readsCommonJs }) => readsCommonJs)) {
    use(`sale.cjs in ${name}`, command, [...args, "sale.cjs"], cjs);
  }

  const typescript = projectOf("typescript", "module", [...EXPRESS, ...TYPESCRIPT]);
  const tsc = (...args) => use(`types: ${args.join(" ")}`, "npx", ["tsc", "--strict", "sale.ts", ...args], typescript);
  tsc("--noEmit", "--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022");
  tsc("--module", "node16", "--moduleResolution", "node16", "--target", "es2022");
  use("what TypeScript wrote", process.execPath, ["sale.js"], typescript);

  const { file: regtest } = tarballs.find(({ name }) => name === "@l402/regtest");
  const jest = projectOf("jest", "commonjs", [regtest, "jest@30"]);
  use("Jest", "npx", ["jest", "sale"], jest);
  // As @l402/regtest says: it imports an ES module.
  use(
    "Jest with @l402/regtest",
    process.execPath,
    ["--experimental-vm-modules", "node_modules/jest/bin/jest.js"],
    jest,
  );
}

function createProject(directory, name, type, dependencies) {
  createUserProject(directory, { type }, dependencies);
  const sources = `${root}/tooling/release/projects/${name}`;
  if (name !== "esm") cpSync(sources, directory, { recursive: true });
  return directory;
}

function use(what, command, args, cwd) {
  run(command, args, { cwd, env: { PORT, NO_COLOR: "1" }, quiet: true, advice: `Failed: ${what}` });
  console.log(`  ${what}`);
}

function findRuntimes() {
  const { node, bun, deno } = installRuntimes();
  const withCommonJs = (name, command) => ({ name, command, args: [], readsCommonJs: true });
  return [
    ...[20, 22, 24].map((version) => withCommonJs(`Node ${version}`, node(version))),
    withCommonJs("Bun", bun),
    { name: "Deno", command: deno, args: ["run", "-A", "--node-modules-dir=manual"] },
  ];
}
