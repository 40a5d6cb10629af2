// Type-checks every block of JavaScript and TypeScript in the documents, each as a file of its own, against the sources
// of the packages. What a fragment leaves out is in context.d.ts, or in a comment of the document:
//   <!-- given: backend: any; createMyStore: () => UseStore -->
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { packages } from "../packages.mjs";
import { root } from "../run.mjs";
import { codeBlocks } from "./markdown.mjs";

const EXTENSIONS = { js: "mjs", mjs: "mjs", cjs: "cjs", ts: "ts", tsx: "tsx", jsx: "jsx" };
const directory = `${root}/node_modules/.cache/l402-docs`;

export function codeProblems(files) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(`${directory}/node_modules`, { recursive: true });
  linkDependencies();
  copyFileSync(new URL("context.d.ts", import.meta.url), `${directory}/context.d.ts`);

  const places = new Map();
  for (const { path, text } of files) {
    const stem = path.replaceAll(/[^A-Za-z0-9]/g, "-");
    const imports = writeGiven(text, stem);
    for (const { language, code, line } of codeBlocks(text)) {
      if (!EXTENSIONS[language]) continue;
      const name = `${stem}-${line}.${EXTENSIONS[language]}`;
      places.set(name, { path, line });
      writeFileSync(`${directory}/${name}`, language === "cjs" ? code : asModule(code, imports));
      imports.push(...importsIn(code));
    }
  }
  const errors = [...check("strict", ["ts", "tsx"]), ...check("loose", ["mjs", "cjs", "jsx"])];
  return errors.flatMap((error) => {
    const [, name, row, message] = /^(\S+?)\((\d+),\d+\): error \w+: (.*)/.exec(error) ?? [];
    const place = places.get(name);
    // Errors in the packages are found, with stricter settings, by the check of types.
    return place ? [`${place.path}:${place.line + Number(row)} ${message}`] : [];
  });
}

/** Answers how to import what a document says is given. */
function writeGiven(text, stem) {
  const given = [...text.matchAll(/<!-- given: (.*?) -->/gs)].flatMap(([, list]) => list.split(/;\s*/));
  const declarations = given.map((each) => `export declare const ${each.trim()};`);
  const core = 'import type { LightningProvider, LightningWallet, UseStore } from "@l402/core";';
  writeFileSync(`${directory}/${stem}-given.d.mts`, [core, ...declarations].join("\n"));
  return given.map((each) => {
    const name = each.trim().split(/\W/, 1)[0];
    return { statement: `import { ${name} } from "./${stem}-given.mjs";`, names: [name] };
  });
}

/** So that names in one block are not those of another. A fragment may use what the document imported before. */
function asModule(code, imports) {
  const missing = imports.filter(({ names }) => !names.some((name) => declares(code, name)));
  return [code, ...missing.map(({ statement }) => statement), "export {};"].join("\n");
}

const importsIn = (code) =>
  [...code.matchAll(/^import .*? from .*?;$/gms)].map(([statement]) => ({
    statement,
    names: statement.slice(0, statement.lastIndexOf(" from ")).match(/[\w$]+(?=\s*[,}]|$)/g) ?? [],
  }));

const declares = (code, name) => new RegExp(`(import|const|let|function|class)\\b[^;(]*?\\b${name}\\b`).test(code);

function check(name, extensions) {
  const isStrict = name === "strict";
  const options = {
    ...{ target: "es2023", module: "nodenext", moduleResolution: "nodenext", lib: ["es2023", "dom", "dom.iterable"] },
    ...{ noEmit: true, skipLibCheck: true, allowImportingTsExtensions: true, customConditions: ["@l402/source"] },
    // In JavaScript, nobody writes `string | undefined`.
    ...{ strict: isStrict, allowJs: !isStrict, checkJs: !isStrict, types: ["node", "vitest/globals"], jsx: "preserve" },
  };
  const include = [...extensions.map((extension) => `*.${extension}`), "context.d.ts"];
  writeFileSync(`${directory}/tsconfig.${name}.json`, JSON.stringify({ compilerOptions: options, include }));
  const { stdout, status } = spawnSync(
    process.execPath,
    [`${root}/node_modules/typescript/bin/tsc`, "-p", `tsconfig.${name}.json`],
    { cwd: directory, encoding: "utf8" },
  );
  return status === 0 ? [] : stdout.trim().split("\n");
}

/** Everything that some package of the repository has installed. */
function linkDependencies() {
  for (const { path } of [...packages, { path: "." }]) {
    const modules = `${root}/${path}/node_modules`;
    if (!existsSync(modules)) continue;
    for (const name of installedIn(modules)) link(`${modules}/${name}`, name);
  }
  for (const { path, manifest } of packages) link(`${root}/${path}`, manifest.name);
}

const installedIn = (modules) =>
  readdirSync(modules)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) => (name.startsWith("@") ? readdirSync(`${modules}/${name}`).map((each) => `${name}/${each}`) : name));

function link(target, name) {
  const place = `${directory}/node_modules/${name}`;
  if (existsSync(place)) return;
  mkdirSync(place.slice(0, place.lastIndexOf("/")), { recursive: true });
  symlinkSync(target, place);
}
