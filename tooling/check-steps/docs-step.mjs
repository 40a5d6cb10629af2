// What the documents say: generated parts are fresh, links lead somewhere, code compiles.
import { codeProblems } from "../docs/check-code.mjs";
import { linkProblems } from "../docs/check-links.mjs";
import { embedProblems } from "../docs/embeds.mjs";
import { installProblems } from "../docs/install-blocks.mjs";
import { markdownFiles } from "../docs/markdown.mjs";
import { fail, run } from "../run.mjs";

run(process.execPath, ["tooling/generate-error-docs.mjs"]);
const files = markdownFiles();
const problems = [...linkProblems(files), ...embedProblems(files), ...installProblems(), ...codeProblems(files)];
if (problems.length > 0) fail(problems.join("\n"));
console.log(`${files.length} documents`);
