// Packages as their users get them: built, packed, inspected, then installed together and loaded.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { runTool } from "../check-tools.mjs";
import { fail } from "../run.mjs";
import { loadTogether } from "./packages/load-together.mjs";
import { packAll } from "./packages/pack-all.mjs";
import { contentProblems } from "./packages/tarball-contents.mjs";

const directory = mkdtempSync(`${tmpdir()}/l402-packages-`);
process.on("exit", () => rmSync(directory, { recursive: true, force: true }));

const tarballs = packAll(directory);
const problems = tarballs.flatMap((tarball) => contentProblems(tarball, `${directory}/unpacked/${tarball.name}`));
if (problems.length > 0) fail(problems.join("\n"));

for (const { file } of tarballs) {
  runTool("publint", ["run", "--strict", file], { quiet: true });
  // node16: of all ways to find types, only those of Node before 12.7 are left out. They do not know "exports".
  runTool("attw", [file, "--profile", "node16"], { quiet: true });
}
loadTogether(tarballs, `${directory}/project`);
console.log(`${tarballs.length} packages: ${tarballs.map(({ name }) => name).join(", ")}`);
