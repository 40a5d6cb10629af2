import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";

// One build for every package: the entries are the sources that package.json names, and those of its commands.
const { exports = {}, imports = {}, bin = {} } = JSON.parse(readFileSync("package.json", "utf8"));
const libraries = [...JSON.stringify([exports, imports]).matchAll(/"\.\/src\/([^"]+)\.ts"/g)].map(([, name]) => name);
const commands = [...JSON.stringify(bin).matchAll(/"\.\/dist\/([^"]+)\.js"/g)].map(([, name]) => name);
const isLibrary = libraries.length > 0;

export default defineConfig({
  entry: Object.fromEntries([...libraries, ...commands].map((name) => [name, `src/${name}.ts`])),
  // Nobody imports a command.
  format: isLibrary ? ["esm", "cjs"] : ["esm"],
  dts: isLibrary,
  tsconfig: `${import.meta.dirname}/tsconfig.build.json`,
  // What package.json maps stays mapped: it is chosen where the package is used. Dependencies and peers stay outside
  // anyway; dev dependencies that the sources import are compiled in.
  external: [/^#/],
  // Deno and Workers know "node:crypto", but not "crypto".
  removeNodeProtocol: false,
  sourcemap: true,
  clean: true,
  target: "node20",
  splitting: true,
  // Rollup also writes the CommonJS then, where import.meta.url works too. Otherwise `?.` and `??` become slow calls.
  treeshake: true,
  silent: true,
});
