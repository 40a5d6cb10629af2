import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { run } from "../../run.mjs";

const EXPECTED = /^(dist|src|migrations)\/|^(README\.md|LICENSE|package\.json|THIRD-PARTY-NOTICES.*)$/;
const REQUIRED = ["README.md", "LICENSE", "package.json"];

/** Answers what is wrong with the files of a tarball; unpacks it into a folder. */
export function contentProblems({ name, file }, directory) {
  mkdirSync(directory, { recursive: true });
  run("tar", ["-xzf", file, "-C", directory, "--strip-components=1"]);
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`.slice(directory.length + 1));

  const problems = [
    ...files.filter((path) => !EXPECTED.test(path)).map((path) => `contains ${path}, which nobody needs`),
    ...REQUIRED.filter((path) => !files.includes(path)).map((path) => `has no ${path}`),
  ];
  if (!files.some((path) => path.startsWith("dist/"))) problems.push("has no dist");
  if (readFileSync(`${directory}/package.json`, "utf8").includes('"workspace:')) {
    problems.push("depends on a workspace: version, which nobody else can install");
  }

  const notices = files.filter((path) => path.startsWith("THIRD-PARTY-NOTICES"));
  const licences = notices.map((path) => readFileSync(`${directory}/${path}`, "utf8")).join("\n");
  const maps = files.filter((path) => path.endsWith(".map")).map((path) => `${directory}/${path}`);
  for (const other of compiledIn(maps)) {
    if (!licences.includes(other)) problems.push(`contains code of ${other}, but no THIRD-PARTY-NOTICES file names it`);
  }
  return problems.map((problem) => `${name} ${problem}.`);
}

/** The packages whose code is in a bundle, by its source map. */
function compiledIn(sourceMaps) {
  const sources = sourceMaps.flatMap((path) => JSON.parse(readFileSync(path, "utf8")).sources);
  return new Set(sources.flatMap((source) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []));
}
