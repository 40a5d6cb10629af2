// Compiles a benchmark the way the packages are built, from their sources, so that nothing stale is measured: imports of
// @l402/* are compiled in, everything else stays outside and is loaded by Node as usual.
import { copyFileSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export const BENCHMARKS = fileURLToPath(new URL(".", import.meta.url));
const RESOLVED = Symbol("resolved");

const others = {
  name: "others stay outside",
  setup({ onResolve, resolve }) {
    onResolve({ filter: /^[^./]/ }, async ({ path, importer, resolveDir, kind, pluginData }) => {
      if (pluginData === RESOLVED || kind === "entry-point" || /^(#|@l402\/)/.test(path)) return undefined;
      if (path.startsWith("node:")) return { path, external: true };
      // By its path: a dependency of a package is not one of the benchmarks.
      const found = await resolve(path, { importer, resolveDir, kind, pluginData: RESOLVED });
      return found.errors.length > 0 ? found : { path: found.path, external: true };
    });
  },
};

/** Compiles `benchmarks/<name>.mjs`; answers where it is. */
export async function compile(name) {
  const outfile = `${BENCHMARKS}.build/${name}.mjs`;
  await build({
    entryPoints: [`${BENCHMARKS}${name}.mjs`],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "esm",
    conditions: ["@l402/source"],
    plugins: [others],
    logLevel: "error",
  });
  return outfile;
}

/** Installs the engine in `.build/app` with the files that Node loads of it, as `npm install` would. */
export async function installEngine() {
  const source = `${BENCHMARKS}../packages/core`;
  const target = `${BENCHMARKS}.build/app/node_modules/@l402/core`;
  mkdirSync(target, { recursive: true });
  copyFileSync(`${source}/package.json`, `${target}/package.json`);
  await build({
    entryPoints: [`${source}/src/index.ts`, `${source}/src/web.ts`],
    outdir: `${target}/dist/node`,
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node20",
    format: "esm",
    conditions: ["@l402/source"],
    logLevel: "error",
  });
}
