// Copies tooling/templates. They are a package called "example", which works as it is.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { withInstallBlocks } from "./docs/install-blocks.mjs";
import { readManifest } from "./packages.mjs";

/** The kinds of packages there are templates for, and the folders that they go to. */
export const KINDS = { provider: "providers", store: "stores", adapter: "adapters" };

export const packagePath = (kind, name) => `packages/${KINDS[kind]}/${name}`;

/** Answers where the new package is. The name has been checked. */
export function writePackage(checkout, kind, name) {
  const template = fileURLToPath(new URL(`templates/${kind}`, import.meta.url));
  const path = packagePath(kind, name);
  for (const entry of readdirSync(template, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = `${entry.parentPath}/${entry.name}`;
    const target = `${path}${rename(source.slice(template.length), name)}`;
    mkdirSync(dirname(`${checkout}/${target}`), { recursive: true });
    writeFileSync(`${checkout}/${target}`, withInstallBlocks(target, rename(readFileSync(source, "utf8"), name)));
  }
  takeVersion(checkout, path);
  return path;
}

/** All packages have one version. */
function takeVersion(checkout, path) {
  const manifest = readManifest(`${checkout}/${path}`);
  manifest.version = readManifest(`${checkout}/packages/core`).version;
  writeFileSync(`${checkout}/${path}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
}

/** core-lightning: "Core Lightning" in a sentence, CoreLightning in a name, core-lightning everywhere else. */
function rename(text, name) {
  const words = name.split("-").map((word) => word[0].toUpperCase() + word.slice(1));
  return text
    .replace(/\bExample\b/g, words.join(" "))
    .replaceAll("Example", words.join(""))
    .replaceAll("example", name);
}
