// Runs the adapter kit and the client in the runtimes that are not the one that runs npm test: npm run test:runtimes
import { install } from "./install.mjs";
import { root, run } from "./run.mjs";

const directory = `${root}/tooling/runtimes`;
install(directory, "--ignore-workspace");

const FETCH_STYLE = "packages/core/test/web-adapter.test.ts";
const CLIENT = "packages/client/test/runtime.test.ts";
const ADAPTERS = ["express", "fastify", "hono"].map((name) => `packages/adapters/${name}/test/l402.test.ts`);
const CONDITIONS = "--conditions=@l402/source";

const node = (version) => ({
  command: `${directory}/node_modules/node-${version}/bin/node`,
  args: ["node_modules/vitest/vitest.mjs", "run", FETCH_STYLE, CLIENT, ...ADAPTERS],
});

const runtimes = {
  "Node 22": node(22),
  "Node 24": node(24),
  Bun: {
    command: `${directory}/node_modules/bun/bin/bun.exe`,
    args: [CONDITIONS, "test", ...[FETCH_STYLE, CLIENT, ...ADAPTERS].map((file) => `./${file}`)],
  },
  Deno: {
    command: `${directory}/node_modules/.bin/deno`,
    args: [
      ...["test", "--allow-all", "--no-check", CONDITIONS, "--node-modules-dir=manual"],
      ...["--import-map", `${directory}/deno.json`, FETCH_STYLE, CLIENT, ...ADAPTERS],
    ],
  },
};

for (const [name, { command, args }] of Object.entries(runtimes)) {
  const version = run(command, ["--version"], { quiet: true }).split("\n", 1)[0];
  const start = performance.now();
  run(command, args, { quiet: true, advice: `${name} fails the adapter kit or the client's tests.` });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${name.padEnd(8)} ${version.padEnd(44)} adapters and client passed in ${seconds} s`);
}
