// Writes docs/errors.md from the table of error codes (--write), or fails when it is stale.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import ts from "typescript";
import { errorDocs } from "./error-docs.mjs";
import { fail, root } from "./run.mjs";

const SOURCE = "packages/core/src/error-codes.ts";
const TARGET = "docs/errors.md";

// Node 20 does not run TypeScript. The table imports nothing, so translating this one file is enough.
const { outputText } = ts.transpileModule(readFileSync(`${root}/${SOURCE}`, "utf8"), {
  compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
});
const { ERROR_CODES } = await import(`data:text/javascript,${encodeURIComponent(outputText)}`);
const wanted = errorDocs(ERROR_CODES);

if (process.argv.includes("--write")) {
  writeFileSync(`${root}/${TARGET}`, wanted);
} else if (!existsSync(`${root}/${TARGET}`) || readFileSync(`${root}/${TARGET}`, "utf8") !== wanted) {
  fail(`${TARGET} does not say what ${SOURCE} says. Run: npm run docs:errors`);
}
