import { readFileSync } from "node:fs";
import { defineConfig } from "tsup";

interface Manifest {
  exports: Record<string, string | { "@l402/source"?: string }>;
  imports?: Record<string, Record<string, unknown>>;
  bundled?: string[];
}

// One build for every package: the entries are the sources that package.json names.
const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;
const text = JSON.stringify([manifest.exports, manifest.imports ?? {}]);
const entry = Object.fromEntries(
  [...text.matchAll(/"\.\/src\/([^"]+)\.ts"/g)].map(([, name]) => [name as string, `src/${name}.ts`]),
);

export default defineConfig({
  entry,
  format: ["esm", "cjs"],
  dts: { compilerOptions: { ignoreDeprecations: "6.0", allowImportingTsExtensions: true } },
  tsconfig: `${import.meta.dirname}/../tsconfig.base.json`,
  noExternal: manifest.bundled ?? [],
  external: [/^#/],
  sourcemap: true,
  clean: true,
  target: "node20",
  splitting: true,
  silent: true,
});
