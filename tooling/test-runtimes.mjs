// Runs the adapter kit and the client in the runtimes that are not the one that runs npm test: npm run test:runtimes
import { run } from "./run.mjs";
import { installRuntimes, runtimesDirectory } from "./runtimes.mjs";

const programs = installRuntimes();

const FETCH_STYLE = "packages/core/test/web-adapter.test.ts";
const CLIENT = "packages/client/test/runtime.test.ts";
const ADAPTERS = ["express", "fastify", "hono"].map((name) => `packages/adapters/${name}/test/l402.test.ts`);
const FILES = [FETCH_STYLE, CLIENT, ...ADAPTERS];
const CONDITIONS = "--conditions=@l402/source";

const node = (version) => ({
  command: programs.node(version),
  args: ["node_modules/vitest/vitest.mjs", "run", ...FILES],
});

const runtimes = {
  "Node 22": node(22),
  "Node 24": node(24),
  Bun: {
    command: programs.bun,
    args: [CONDITIONS, "test", ...FILES.map((file) => `./${file}`)],
  },
  Deno: {
    command: programs.deno,
    args: [
      ...["test", "--allow-all", "--no-check", CONDITIONS, "--node-modules-dir=manual"],
      ...["--import-map", `${runtimesDirectory}/deno.json`, ...FILES],
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
