import { isBuiltin } from "node:module";
import { COMPILED_IN } from "./import-directions.mjs";
import { packageName } from "./package-name.mjs";

/**
 * Every imported package is in the package.json of the one that imports it. Tests also get the tools of the root.
 * @param {readonly import("./package-sources.mjs").PackageSources[]} packages
 * @param {{ devDependencies?: Record<string, string> }} rootManifest
 * @returns {string[]} a line for each violation
 */
export function undeclaredImports(packages, rootManifest) {
  return packages.flatMap(({ path, kind, manifest, files }) => {
    const shipped = namesIn(manifest, "dependencies", "peerDependencies", "optionalDependencies");
    const developed = [
      ...shipped,
      ...namesIn(manifest, "devDependencies"),
      ...namesIn(rootManifest, "devDependencies"),
    ];
    return files.flatMap((file) =>
      file.imports.flatMap(({ specifier, line }) => {
        const name = packageName(specifier);
        if (/^[.#]/.test(specifier) || isOfPlatform(specifier) || name === manifest.name) return [];
        const declared = file.ships && kind !== "app" ? [...shipped, ...(COMPILED_IN[kind] ?? [])] : developed;
        if (declared.includes(name) || declared.includes(typesOf(name))) return [];
        return [`${path}/${file.path}:${line} imports "${specifier}", which package.json does not declare`];
      }),
    );
  });
}

/** Node's modules, and those of Workers. */
const isOfPlatform = (specifier) => isBuiltin(specifier) || specifier.startsWith("cloudflare:");

const namesIn = (manifest, ...fields) => fields.flatMap((field) => Object.keys(manifest[field] ?? {}));

/** `@scope/name` → `@types/scope__name` */
const typesOf = (name) => `@types/${name.replace("@", "").replace("/", "__")}`;
