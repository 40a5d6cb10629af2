import { readFileSync, rmSync } from "node:fs";
import { defineConfig, type Options } from "tsup";

// One build for every package: the entries are the sources that package.json names, and those of its commands.
const { exports = {}, imports, bin = {} } = JSON.parse(readFileSync("package.json", "utf8"));
const libraries = [...JSON.stringify(exports).matchAll(/"\.\/src\/([^"]+)\.ts"/g)].map(([, name]) => name);
const commands = [...JSON.stringify(bin).matchAll(/"\.\/dist\/([^"]+)\.js"/g)].map(([, name]) => name);
const isLibrary = libraries.length > 0;

const everywhere: Options = {
  entry: Object.fromEntries([...libraries, ...commands].map((name) => [name, `src/${name}.ts`])),
  // Nobody imports a command.
  format: isLibrary ? ["esm", "cjs"] : ["esm"],
  dts: isLibrary,
  tsconfig: `${import.meta.dirname}/tsconfig.build.json`,
  // Dependencies and peers stay outside; dev dependencies that the sources import are compiled in.
  platform: imports ? "neutral" : "node",
  // Deno and Workers know "node:crypto", but not "crypto".
  removeNodeProtocol: false,
  sourcemap: true,
  // The sources are in the package anyway.
  esbuildOptions: (esbuild) => {
    esbuild.sourcesContent = false;
  },
  target: "node20",
  splitting: true,
  // Rollup also writes the CommonJS then, where import.meta.url works too. Otherwise `?.` and `??` become slow calls.
  treeshake: true,
  silent: true,
};

// A package whose sources differ by platform (`imports` in package.json) is built twice, and Node's files contain the
// decoder of invoices too: another file or package to find makes Node's import of the engine a seventh slower, each.
const forNode: Options = {
  ...everywhere,
  platform: "node",
  outDir: "dist/node",
  dts: false,
  noExternal: ["@l402/bolt11"],
};

// Here, because both builds run at the same time.
rmSync("dist", { recursive: true, force: true });

export default defineConfig(imports ? [everywhere, forNode] : everywhere);
