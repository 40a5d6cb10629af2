import { run } from "../run.mjs";

run(process.execPath, ["tooling/generate-error-docs.mjs"]);
