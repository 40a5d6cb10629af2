// What a package.json has to say before its package is published.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { published } from "../packages.mjs";
import { fail, root } from "../run.mjs";

export function checkManifests({ isDryRun }) {
  const versions = new Set(published.map(({ manifest }) => manifest.version));
  const problems = published.flatMap(problemsOf);
  if (versions.size > 1) problems.push(`The packages have several versions: ${[...versions].join(", ")}.`);
  if (!isDryRun) problems.push(...problemsNow());
  if (problems.length > 0) fail(problems.join("\n"));
}

function problemsOf({ path, manifest }) {
  const { name, version, description, license, publishConfig, engines, files } = manifest;
  const problems = [];
  if (name !== `@l402/${path.split("/").at(-1)}`) problems.push("is not named after its folder");
  if (!/^\d+\.\d+\.\d+/.test(version ?? "")) problems.push("has no version");
  if (!description?.endsWith(".")) problems.push("has no description that is a sentence");
  if (license !== "MIT") problems.push("is not under the MIT licence");
  if (publishConfig?.access !== "public") problems.push("would be published for its owners only");
  if (engines?.node !== ">=20.19") problems.push("does not name the Node versions it runs on");
  if (!files?.includes("dist")) problems.push("does not contain what is built");
  return problems.map((problem) => `${path} ${problem}.`);
}

/** What only matters when it is published in earnest. */
function problemsNow() {
  const problems = [];
  if (readdirSync(`${root}/.changeset`).some((file) => file.endsWith(".md") && file !== "README.md")) {
    problems.push("There are changesets: run `npm run changeset version` and commit what it writes.");
  }
  for (const { path, manifest } of published) {
    // npm refuses a provenance statement for another repository than the one that is named.
    if (!manifest.repository) problems.push(`${path}/package.json names no repository.`);
    if (!existsSync(`${root}/${path}/CHANGELOG.md`)) problems.push(`${path} has no CHANGELOG.md.`);
  }
  const search = ["grep", "-l", "Not on npm yet", "--", "*.md", "llms.txt"];
  const files = spawnSync("git", search, { cwd: root, encoding: "utf8" }).stdout.trim().replaceAll("\n", " ");
  if (files !== "") {
    const change = "set IS_ON_NPM in tooling/docs/install-blocks.mjs to true, then npm run docs:write";
    problems.push(`Documents say that nothing is on npm: ${change}. It says so in ${files}`);
  }
  const workflow = readFileSync(`${root}/.github/workflows/release.yml`, "utf8");
  if (!/id-token: write/.test(workflow) || !/NPM_CONFIG_PROVENANCE: "?true/.test(workflow)) {
    problems.push(".github/workflows/release.yml publishes without provenance.");
  }
  if (process.env.GITHUB_ACTIONS !== "true") problems.push("Releases are made by .github/workflows/release.yml.");
  return problems;
}
