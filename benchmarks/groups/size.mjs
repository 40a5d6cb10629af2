// How large a Worker gets, and how long Node takes to import the engine.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { BENCHMARKS, installEngine } from "../compile.mjs";
import { onlyOne, spread } from "../rounds.mjs";

const ENGINE = 'import { createMemoryUseStore, createPaywall } from "@l402/core";';
const HONO = 'import { l402 } from "@l402/hono"; import { Hono } from "hono";';
const PROVIDER = 'import { createPhoenixd } from "@l402/phoenixd";';
const ROUNDS = 9;

export async function measureGroup() {
  const engine = await kibOf(`${ENGINE} export { createMemoryUseStore, createPaywall };`);
  const withHono = await kibOf(`${ENGINE} ${HONO} export { createMemoryUseStore, createPaywall, l402, Hono };`);
  const withProvider = await kibOf(
    `${ENGINE} ${PROVIDER} export { createMemoryUseStore, createPaywall, createPhoenixd };`,
  );
  return {
    values: {
      worker: onlyOne(engine),
      "worker with hono": onlyOne(withHono),
      provider: onlyOne(withProvider - engine),
      import: await measureImport(),
    },
  };
}

async function kibOf(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: BENCHMARKS },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    conditions: ["@l402/source", "worker"],
    external: ["node:*"],
    logLevel: "error",
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length / 1024;
}

/**
 * In processes of their own, in turn: what the engine takes, installed as npm does it, beyond a program that has the two
 * modules of Node that every server has.
 */
async function measureImport() {
  await installEngine();
  const program = (name, code) => {
    const file = `${BENCHMARKS}.build/app/${name}.mjs`;
    writeFileSync(file, `import "node:crypto"; import "node:http"; ${code}`);
    return file;
  };
  const bare = program("bare", "");
  const shop = program("shop", 'import "@l402/core";');
  const rounds = Array.from({ length: ROUNDS }, () => -importMs(bare) + importMs(shop));
  return spread(rounds);
}

/** How long it takes to load a program, in CPU time of a process of its own. */
function importMs(file) {
  const script = `const before = process.cpuUsage(); await import(${JSON.stringify(file)}); const { user, system } = process.cpuUsage(before); console.log((user + system) / 1000);`;
  const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  return Number(stdout);
}
