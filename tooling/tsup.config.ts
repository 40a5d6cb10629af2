import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";

// One build for every package: the entries are the sources that package.json names.
const { exports = {}, imports = {} } = JSON.parse(readFileSync("package.json", "utf8"));
const entry = Object.fromEntries(
  [...JSON.stringify([exports, imports]).matchAll(/"\.\/src\/([^"]+)\.ts"/g)].map(([, name]) => [
    name,
    `src/${name}.ts`,
  ]),
);

export default defineConfig({
  entry,
  format: ["esm", "cjs"],
  dts: true,
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
