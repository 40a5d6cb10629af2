// Type-checks every block of JavaScript and TypeScript in the documents, each as a file of its own, against the sources
// of the packages. JavaScript is checked as what it becomes in a strict TypeScript project; all that is forgiven is that
// the parameters of its functions have no types. What a fragment leaves out is in context.d.ts, or in a comment of the
// document:
//   <!-- given: backend: any; createMyStore: () => UseStore -->
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { packages } from "../packages.mjs";
import { root } from "../run.mjs";
import { codeBlocks } from "./markdown.mjs";

const EXTENSIONS = { js: "mts", mjs: "mts", cjs: "cjs", ts: "ts", tsx: "tsx", jsx: "jsx" };
const directory = `${root}/node_modules/.cache/l402-docs`;

export function codeProblems(files) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(`${directory}/node_modules`, { recursive: true });
  linkDependencies();
  copyFileSync(new URL("context.d.ts", import.meta.url), `${directory}/context.d.ts`);
  // A file of the reader's own, in the documents for Next.
  const ownPaywall = 'export declare const paywall: import("@l402/core").Paywall;';
  writeFileSync(`${directory}/paywall.d.ts`, ownPaywall);
  const ofWorkers = 'declare module "cloudflare:workers" { function waitUntil(promise: Promise<unknown>): void }';
  writeFileSync(`${directory}/workers.d.ts`, ofWorkers);
  // Some blocks import others, by the names they are saved under.
  for (const file of readdirSync(`${root}/docs/examples`))
    copyFileSync(`${root}/docs/examples/${file}`, `${directory}/${file}`);

  const places = new Map();
  for (const { path, text } of files) {
    const stem = path.replaceAll(/[^A-Za-z0-9]/g, "-");
    const exported = exportedFor(path).map(([name, from]) => [name, `import { ${name} } from "${from}";`]);
    const imports = new Map([...exported, ...writeGiven(text, stem)]);
    for (const { language, code, line } of codeBlocks(text)) {
      if (!EXTENSIONS[language]) continue;
      const name = `${stem}-${line}.${EXTENSIONS[language]}`;
      places.set(name, { path, line });
      writeFileSync(`${directory}/${name}`, language === "cjs" ? code : asModule(code, imports));
      for (const [imported, statement] of importsIn(code)) imports.set(imported, statement);
    }
  }
  const errors = [...check("typescript", ["ts", "tsx"]), ...check("javascript", ["mts", "mjs", "cjs", "jsx"])];
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
  const core = 'import type { LightningProvider, LightningWallet, UseStore } from "@l402/core";';
  const declarations = given.map((each) => `export declare const ${each.trim()};`);
  writeFileSync(`${directory}/${stem}-given.d.mts`, [core, ...declarations].join("\n"));
  const names = given.map((each) => each.trim().split(/\W/, 1)[0]);
  return names.map((name) => [name, `import { ${name} } from "./${stem}-given.mjs";`]);
}

/** So that names in one block are not those of another. A fragment may use what the document imported before. */
function asModule(code, imports) {
  const isUsed = (name) => new RegExp(`\\b${name}\\b`).test(code);
  const missing = [...imports]
    .filter(([name]) => isUsed(name) && !declares(code, name))
    .map(([, statement]) => statement);
  return [code, ...missing, "export {};"].join("\n");
}

/** Each imported name with a statement that imports it alone. */
const importsIn = (code) =>
  [...code.matchAll(/^import ([^;]*?) from ("[^"]+");/gm)].flatMap(([, clause, from]) => {
    const named =
      /\{(.*)\}/s
        .exec(clause)?.[1]
        .split(",")
        .map((name) => name.trim())
        .filter(Boolean) ?? [];
    const rest = clause
      .replace(/\{.*\}/s, "")
      .replaceAll(",", "")
      .trim();
    return [
      ...named.map((name) => [name.replace(/^type |.* as /, ""), `import { ${name} } from ${from};`]),
      ...(rest ? [[rest.replace(/^\* as |^type /, ""), `import ${rest} from ${from};`]] : []),
    ];
  });

const declares = (code, name) =>
  new RegExp(
    `import [^;]*\\b${name}\\b[^;]* from|(const|let) (\\{[^}]*\\b${name}\\b[^}]*\\}|\\[[^\\]]*\\b${name}\\b[^\\]]*\\]|${name}\\b)|(function|class) ${name}\\b`,
  ).test(code);

/** The README of a package takes for granted what the package exports, and what core does. */
function exportedFor(path) {
  const own = packages.filter((each) => path === `${each.path}/README.md` && each.manifest.exports);
  const core = packages.find(({ name }) => name === "core");
  return [core, ...own].flatMap(({ path: folder, manifest }) =>
    Object.entries(manifest.exports).flatMap(([entry, { "@l402/source": source }]) =>
      source ? namesIn(`${root}/${folder}/${source}`).map((name) => [name, manifest.name + entry.slice(1)]) : [],
    ),
  );
}

const namesIn = (source) =>
  [...readFileSync(source, "utf8").matchAll(/^export (?:type )?\{([^}]*)\}/gm)].flatMap(([, list]) =>
    list
      .split(",")
      .map((name) => name.trim().replace(/^type /, ""))
      .filter(Boolean),
  );

function check(name, extensions) {
  const isTyped = name === "typescript";
  const options = {
    target: "es2023",
    module: "nodenext",
    lib: ["es2023", "dom", "dom.iterable"],
    noEmit: true,
    skipLibCheck: true,
    allowImportingTsExtensions: true,
    customConditions: ["@l402/source"],
    strict: true,
    noImplicitAny: isTyped,
    paths: { "@/lib/paywall": ["./paywall.d.ts"] },
    allowJs: !isTyped,
    checkJs: !isTyped,
    types: ["node", "vitest/globals"],
    jsx: "preserve",
  };
  const include = [...extensions.map((extension) => `*.${extension}`), "context.d.ts", "workers.d.ts"];
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
    .flatMap((name) =>
      name.startsWith("@") ? readdirSync(`${modules}/${name}`).map((each) => `${name}/${each}`) : name,
    );

function link(target, name) {
  const place = `${directory}/node_modules/${name}`;
  if (existsSync(place)) return;
  mkdirSync(place.slice(0, place.lastIndexOf("/")), { recursive: true });
  symlinkSync(target, place);
}
