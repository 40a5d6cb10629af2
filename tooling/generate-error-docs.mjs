// Writes docs/errors.md from the table of error codes (--write), or fails when it is stale.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import ts from "typescript";
import { errorDocs } from "./error-docs.mjs";
import { fail, root } from "./run.mjs";

const SOURCES = ["error-codes", "client-error-codes"].map((name) => `packages/core/src/${name}.ts`);
const TARGET = "docs/errors.md";

// Node 20 does not run TypeScript. The tables import nothing but types, so translating these files is enough.
const tables = await Promise.all(
  SOURCES.map((source) => {
    const { outputText } = ts.transpileModule(readFileSync(`${root}/${source}`, "utf8"), {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    });
    return import(`data:text/javascript,${encodeURIComponent(outputText)}`);
  }),
);
const wanted = errorDocs(Object.assign({}, ...tables.flatMap((table) => Object.values(table))));

if (process.argv.includes("--write")) {
  writeFileSync(`${root}/${TARGET}`, wanted);
} else if (!existsSync(`${root}/${TARGET}`) || readFileSync(`${root}/${TARGET}`, "utf8") !== wanted) {
  fail(`${TARGET} does not say what ${SOURCES.join(" and ")} say. Run: npm run docs:errors`);
}
