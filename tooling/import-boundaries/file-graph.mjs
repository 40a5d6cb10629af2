// Which file of a package loads which other one. Imports of types load nothing.
import { posix } from "node:path";

/**
 * @param {import("./package-sources.mjs").PackageSources} from
 * @returns {Map<string, string[]>} the files that a file loads
 */
function fileGraph(from) {
  const load = (path) => (imported) => {
    if (imported.specifier.startsWith("#")) return sourcesIn(from.manifest.imports?.[imported.specifier]);
    return imported.specifier.startsWith(".") ? [posix.join(posix.dirname(path), imported.specifier)] : [];
  };
  return new Map(
    from.files.map(({ path, imports }) => [path, imports.filter(({ typeOnly }) => !typeOnly).flatMap(load(path))]),
  );
}

/** The source files that an entry of `exports` or `imports` names. */
const sourcesIn = (entry) => [...JSON.stringify(entry ?? null).matchAll(/"\.\/(src\/[^"]+)"/g)].map(([, path]) => path);

/** @param {import("./package-sources.mjs").PackageSources} from */
export function importCycles(from) {
  const graph = fileGraph(from);
  const done = new Set();
  const cycles = [];

  function visit(path, trail) {
    const start = trail.indexOf(path);
    if (start !== -1) cycles.push(`${from.path}: ${[...trail.slice(start), path].join(" → ")}`);
    if (start !== -1 || done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  }

  for (const path of graph.keys()) visit(path, []);
  return cycles;
}

/**
 * Everything from outside that one entry point loads, through however many files.
 * @param {import("./package-sources.mjs").PackageSources} from
 * @param {string} entry such as "."
 */
export function outsideImportsOf(from, entry) {
  const graph = fileGraph(from);
  const reached = new Set(sourcesIn(from.manifest.exports[entry]));
  for (const path of reached) for (const next of graph.get(path) ?? []) reached.add(next);
  return from.files
    .filter(({ path }) => reached.has(path))
    .flatMap(({ imports }) => imports.filter(({ specifier, typeOnly }) => !typeOnly && !/^[.#]/.test(specifier)))
    .map(({ specifier }) => specifier);
}
