// A package as the rules see it: its manifest and its files, with what they import.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { readImports } from "./read-imports.mjs";

const SOURCE = /\.(ts|tsx|mts|js|jsx|mjs)$/;
const NOT_OURS = new Set(["node_modules", "dist", ".next", ".turbo", ".wrangler"]);
/** packages/<group>/<name>: what is true for one package of a group is true for all. */
const GROUPS = { providers: "provider", stores: "store", adapters: "adapter" };

/** @param {{ path: string; manifest: any; files: Record<string, string> }} input `files` maps a path in the package to a text */
export function packageSources({ path, manifest, files }) {
  const kind = kindOf(path);
  return {
    path,
    manifest,
    kind,
    files: Object.entries(files).map(([file, text]) => ({
      path: file,
      // Tests and settings may import what is not shipped, and from whom they like.
      ships: kind === "app" ? !/^test\/|\.test\.[a-z]+$|\.config\.[a-z]+$/.test(file) : file.startsWith("src/"),
      lines: text.split("\n").length - Number(text.endsWith("\n")),
      imports: readImports(file, text),
    })),
  };
}

/** @typedef {ReturnType<typeof packageSources>} PackageSources */

/** Reads a package from the disk. */
export function readPackageSources(root, { path, manifest }) {
  const directory = `${root}/${path}`;
  // An app's framework may want its files anywhere. Elsewhere, what is neither in src nor in test is not code.
  const folders = kindOf(path) === "app" ? [""] : ["src/", "test/"];
  const paths = folders.flatMap((folder) => sourceFiles(directory, folder));
  const files = paths.map((file) => [file, readFileSync(`${directory}/${file}`, "utf8")]);
  return packageSources({ path, manifest, files: Object.fromEntries(files) });
}

function sourceFiles(directory, prefix) {
  if (!existsSync(`${directory}/${prefix}`)) return [];
  return readdirSync(`${directory}/${prefix}`, { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return [];
    if (entry.isDirectory()) return sourceFiles(directory, `${prefix}${entry.name}/`);
    return SOURCE.test(entry.name) ? [prefix + entry.name] : [];
  });
}

function kindOf(path) {
  const [top, group, name] = path.split("/");
  if (top !== "packages") return "app";
  return name === undefined ? group : GROUPS[group];
}
