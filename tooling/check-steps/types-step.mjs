import { root, run } from "../run.mjs";

const tsc = (project) => run(`${root}/node_modules/.bin/tsc`, ["-p", project]);

tsc("tsconfig.json");
tsc("tooling/tsconfig.web.json");
