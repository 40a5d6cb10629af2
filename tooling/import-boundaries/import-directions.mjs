// Which package may import which. The arrows are those of ARCHITECTURE.md.
import { isBuiltin } from "node:module";
import { posix } from "node:path";
import { packageName } from "./package-name.mjs";

/** What ships may import these kinds of packages. An app may import all but other apps. */
const MAY_IMPORT = {
  bolt11: [],
  core: ["bolt11"],
  backend: ["core"],
  provider: ["core", "backend"],
  store: ["core"],
  adapter: ["core"],
  client: ["core", "bolt11"],
  "paywall-page": ["core"],
  config: ["core", "client", "provider", "store"],
  // Whoever runs it brings nothing along, so it has every backend with it.
  cli: ["core", "bolt11", "client", "config", "provider", "regtest"],
  testing: ["core", "bolt11"],
  regtest: ["core"],
};

/** These run everywhere and bring nothing along. */
const PURE = ["bolt11", "core"];
const NODE_FILE = "packages/core/src/crypto/node.ts";
/** Compiled into the package: dev dependencies, although its sources import them. */
export const COMPILED_IN = { bolt11: ["@noble/curves", "@noble/hashes"] };

/**
 * @param {readonly import("./package-sources.mjs").PackageSources[]} packages
 * @returns {string[]} a line for each violation
 */
export function directionViolations(packages) {
  const byName = new Map(packages.map((each) => [each.manifest.name, each]));
  return packages.flatMap((from) => {
    if (from.kind !== "app" && !MAY_IMPORT[from.kind]) return [`${from.path}: import-directions.mjs does not know it`];
    const imports = from.files.flatMap((file) =>
      file.imports.map((imported) => ({
        where: `${from.path}/${file.path}:${imported.line} imports "${imported.specifier}"`,
        problem: importProblem(from, file, imported, byName),
      })),
    );
    return [...dependencies(from, byName), ...imports]
      .filter(({ problem }) => problem)
      .map(({ where, problem }) => `${where}: ${problem}`);
  });
}

/** Nothing forbidden comes along by package.json either. Dev dependencies do not ship. */
function dependencies({ path, kind, manifest }, byName) {
  const { dependencies, peerDependencies, optionalDependencies } = manifest;
  return Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies }).map((name) => ({
    where: `${path}/package.json depends on "${name}"`,
    problem: byName.has(name)
      ? directionProblem(kind, byName.get(name).kind)
      : PURE.includes(kind) && `${kind} has no third-party dependencies`,
  }));
}

function importProblem(from, file, { specifier, typeOnly }, byName) {
  if (specifier.startsWith(".")) {
    const leaves = posix.join(posix.dirname(file.path), specifier).startsWith("..");
    return leaves && "a relative path stays inside its package; import a published entry point";
  }
  if (specifier.startsWith("#")) return !from.manifest.imports?.[specifier] && "package.json has no such import";

  const to = byName.get(packageName(specifier));
  if (to) return entryProblem(from, to, specifier) || (file.ships && directionProblem(from.kind, to.kind));
  return file.ships && outsideProblem(from, file, specifier, typeOnly);
}

function entryProblem(from, to, specifier) {
  const entry = `.${specifier.slice(to.manifest.name.length)}`;
  if (from !== to && !to.manifest.exports?.[entry]) return "this is not a published entry point";
  return from.kind === "core" && to.kind === "bolt11" && entry !== "." && "the core imports only the decoder";
}

function directionProblem(from, to) {
  if (from === "app") return to === "app" && "an app does not import another";
  if (MAY_IMPORT[from].includes(to)) return false;
  if (to === "testing" || to === "regtest") return `nothing that ships imports ${to}`;
  return `${from} may import ${MAY_IMPORT[from].join(", ") || "no other package"}`;
}

/** About what comes from Node or from other people. */
function outsideProblem({ path, kind }, file, specifier, typeOnly) {
  if (PURE.includes(kind)) {
    if (isBuiltin(specifier)) return `${path}/${file.path}` !== NODE_FILE && `nothing of Node but in ${NODE_FILE}`;
    return !COMPILED_IN[kind]?.includes(packageName(specifier)) && `${kind} has no third-party dependencies`;
  }
  if (kind === "backend" && isBuiltin(specifier) && !typeOnly) {
    return "browsers' wallets are bundled with the backend; take `process.getBuiltinModule`";
  }
  return kind === "adapter" && !typeOnly && "an adapter knows only its framework's types; write `import type`";
}
