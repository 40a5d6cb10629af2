// What is in the tarballs, and what their users install with them.
import { readFileSync, statSync } from "node:fs";
import { runTool } from "../../check-tools.mjs";
import { fail } from "../../run.mjs";
import { loadTogether } from "./load-together.mjs";
import { contentProblems } from "./tarball-contents.mjs";

/** With sources, source maps and types in it. More than this is not code that somebody wrote. */
const MAX_KILOBYTES = 320;
const LICENCES = ["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "Apache-2.0", "MIT OR Apache-2.0", "Unlicense"];

export function inspect(tarballs, directory) {
  const problems = tarballs.flatMap((tarball) => contentProblems(tarball, `${directory}/unpacked/${tarball.name}`));
  for (const { name, file } of tarballs) {
    runTool("publint", ["run", "--strict", file], { quiet: true });
    // node16: of all ways to find types, only those of Node before 12.7 are left out. They do not know "exports".
    runTool("attw", [file, "--profile", "node16"], { quiet: true });
    const kilobytes = statSync(file).size / 1000;
    if (kilobytes > MAX_KILOBYTES)
      problems.push(`${name} has ${kilobytes.toFixed(0)} kB; ${MAX_KILOBYTES} are allowed.`);
  }
  const project = `${directory}/all`;
  loadTogether(tarballs, project);
  problems.push(...licenceProblems(project));
  if (problems.length > 0) fail(problems.join("\n"));
}

function licenceProblems(project) {
  const { packages } = JSON.parse(readFileSync(`${project}/package-lock.json`, "utf8"));
  return Object.entries(packages).flatMap(([path, { license, optional }]) => {
    const name = path.split("node_modules/").at(-1);
    if (path === "" || optional || LICENCES.includes(license)) return [];
    return [`${name}, which is installed with the packages, is under the licence ${license}.`];
  });
}
