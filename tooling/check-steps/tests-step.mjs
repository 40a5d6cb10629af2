import { root, run } from "../run.mjs";

run(`${root}/node_modules/.bin/vitest`, ["run"]);
