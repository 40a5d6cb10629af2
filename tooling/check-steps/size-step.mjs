import { installTools } from "../check-tools.mjs";
import { run } from "../run.mjs";

run(process.execPath, ["tooling/build.mjs"], { quiet: true });
installTools();
run(process.execPath, ["tooling/checks/measure-bundles.mjs"]);
