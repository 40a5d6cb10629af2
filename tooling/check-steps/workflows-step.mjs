// GitHub's workflow files, which nobody can run here.
import { installTools } from "../check-tools.mjs";
import { run } from "../run.mjs";

installTools();
run(process.execPath, ["tooling/checks/lint-workflows.mjs"]);
