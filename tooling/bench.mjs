// Measures what the packages cost, next to what others have: npm run bench
//   npm run bench -- --only micro,http     groups: micro, http, redis, memory, size, client
//   npm run bench -- --json                the figures as JSON
//   npm run bench -- --loose               lines 15 % looser and a second try, for a machine with something else to do
//   npm run bench -- --write               three runs of everything, written to docs/performance.md
import { install } from "./install.mjs";
import { root, run } from "./run.mjs";

const [script, ...args] = process.argv.slice(2);
const directory = `${root}/benchmarks`;
// A folder of its own: what others publish is large, and nobody needs it to work on the packages.
install(directory, "--ignore-workspace");
run(process.execPath, [`${directory}/${script}.mjs`, ...args]);
