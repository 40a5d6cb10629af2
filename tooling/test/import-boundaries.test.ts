import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { importCycles, outsideImportsOf } from "../import-boundaries/file-graph.mjs";
import { misshapenFiles } from "../import-boundaries/file-shape.mjs";
import { directionViolations } from "../import-boundaries/import-directions.mjs";
import { type PackageSources, packageSources, readPackageSources } from "../import-boundaries/package-sources.mjs";
import { readImports } from "../import-boundaries/read-imports.mjs";
import { undeclaredImports } from "../import-boundaries/undeclared-imports.mjs";
import { examples, packages } from "../packages.mjs";
import { root } from "../run.mjs";

describe("this repository", () => {
  const all = [...packages, ...examples].map((each) => readPackageSources(root, each));
  const rootManifest = JSON.parse(readFileSync(`${root}/package.json`, "utf8"));
  const tooling = {
    path: "tooling",
    files: readdirSync(`${root}/tooling`, { recursive: true, encoding: "utf8" })
      .filter((path) => /\.(mjs|ts)$/.test(path) && !path.includes("node_modules"))
      .map((path) => ({
        path,
        ships: true,
        lines: readFileSync(`${root}/tooling/${path}`, "utf8").split("\n").length,
      })),
  };

  it("has packages to look at", () => {
    expect(all.map(({ kind }) => kind)).toEqual(expect.arrayContaining(["core", "bolt11"]));
  });

  it("imports only in the direction of the arrows", () => {
    expect(directionViolations(all)).toEqual([]);
  });

  it("declares every package that it imports", () => {
    expect(undeclaredImports(all, rootManifest)).toEqual([]);
  });

  it("has no import cycles", () => {
    expect(all.flatMap(importCycles)).toEqual([]);
  });

  it("keeps third-party code out of what the core loads of bolt11", () => {
    const bolt11 = all.find(({ kind }) => kind === "bolt11") as PackageSources;
    expect(outsideImportsOf(bolt11, ".")).toEqual([]);
  });

  it("has no vague file names and no long files", () => {
    expect([...all, tooling].flatMap(misshapenFiles)).toEqual([]);
  });
});

const entries = { ".": { "@l402/source": "./src/index.ts" } };
const made = (path: string, files: Record<string, string>, manifest: object = {}) =>
  packageSources({ path, files, manifest: { name: `@l402/${path.split("/").at(-1)}`, exports: entries, ...manifest } });

const core = made("packages/core", {}, { exports: { ...entries, "./macaroon": {} } });
const bolt11 = made("packages/bolt11", {}, { exports: { ...entries, "./signature": {} } });
const lnd = made("packages/providers/lnd", {});
const testing = made("packages/testing", {});

describe("the direction of imports", () => {
  const violations = (path: string, text: string, manifest: object = {}) =>
    directionViolations([made(path, { "src/a.ts": text }, manifest), core, bolt11, lnd, testing].filter(unique));
  /** The first of a name: the package under test in place of the empty one. */
  const unique = (each: PackageSources, i: number, list: PackageSources[]) =>
    list.findIndex(({ path }) => path === each.path) === i;

  it.each([
    ["the core imports the decoder", "packages/core", 'import { decodeInvoice } from "@l402/bolt11";'],
    ["a provider imports the core", "packages/providers/cln", 'import { L402Error } from "@l402/core";'],
    ["a provider imports its vendor's client", "packages/providers/alby", 'import { NWCClient } from "@getalby/sdk";'],
    ["a store imports the core", "packages/stores/redis", 'import type { UseStore } from "@l402/core/macaroon";'],
    ["an adapter imports types", "packages/adapters/hono", 'import type { Context } from "hono";'],
    ["an app imports a published entry", "apps/demo", 'import { createLnd } from "@l402/lnd";'],
    ["an app imports what never ships", "apps/demo", 'import { fakeLightning } from "@l402/testing";'],
  ])("allows that %s", (_, path, text) => {
    expect(violations(path, text)).toEqual([]);
  });

  it.each([
    ["a provider in the core", "packages/core", 'import { createLnd } from "@l402/lnd";', "core may import bolt11"],
    ["curve code in the core", "packages/core", 'export { a } from "@l402/bolt11/signature";', "only the decoder"],
    ["Node in the core", "packages/core", 'import { hash } from "node:crypto";', "nothing of Node"],
    ["Node without its prefix in the core", "packages/core", 'import { hash } from "crypto";', "nothing of Node"],
    ["Node in bolt11", "packages/bolt11", 'const a = await import("node:fs");', "nothing of Node"],
    ["third-party code in the core", "packages/core", 'import "@noble/hashes";', "no third-party dependencies"],
    ["third-party code in bolt11", "packages/bolt11", 'import "bech32";', "no third-party dependencies"],
    ["a missing import map entry", "packages/core", 'import "#missing";', "no such import"],
    ["a sibling in a provider", "packages/providers/cln", 'import "@l402/lnd";', "provider may import core"],
    ["the decoder in a store", "packages/stores/redis", 'import "@l402/bolt11";', "store may import core"],
    ["a framework's code in an adapter", "packages/adapters/hono", 'import { Hono } from "hono";', "import type"],
    ["a type beside code in an adapter", "packages/adapters/hono", 'import { type Hono } from "hono";', "import type"],
    ["Node in what wallets share", "packages/backend", 'await import("node:https");', "process.getBuiltinModule"],
    ["Node's code in an adapter", "packages/adapters/express", 'import "node:http";', "import type"],
    ["a test kit in a provider", "packages/providers/cln", 'import "@l402/testing";', "nothing that ships"],
    ["a type of a test kit", "packages/stores/redis", 'type A = import("@l402/testing").A;', "nothing that ships"],
    ["a folder of a package in an app", "apps/demo", 'import "../../../packages/core/src/index.ts";', "relative path"],
    ["an entry that is not published", "apps/demo", 'import "@l402/core/src/bytes.ts";', "not a published entry"],
    ["a package with no place in the order", "packages/extra", "", "does not know it"],
  ])("refuses %s", (_, path, text, reason) => {
    expect(violations(path, text)).toEqual([expect.stringContaining(reason)]);
  });

  it("says where", () => {
    const [line] = violations("packages/core", '\nimport "node:fs";');
    expect(line).toBe(
      'packages/core/src/a.ts:2 imports "node:fs": nothing of Node but in packages/core/src/crypto/node.ts',
    );
  });

  it("allows Node in the one crypto file of the core", () => {
    const file = { "src/crypto/node.ts": 'import { hash } from "node:crypto";' };
    expect(directionViolations([made("packages/core", file)])).toEqual([]);
  });

  it("lets tests import what never ships, but no folder of another package", () => {
    const files = { "test/a.test.ts": 'import "@l402/testing"; import "../../core/src/index.ts";' };
    const [line, ...more] = directionViolations([made("packages/client", files), testing]);
    expect(line).toContain("relative path");
    expect(more).toEqual([]);
  });

  it.each([
    ["packages/core", "zod", "no third-party dependencies"],
    ["packages/bolt11", "bech32", "no third-party dependencies"],
    ["packages/providers/cln", "@l402/lnd", "provider may import core"],
    ["packages/adapters/hono", "@l402/testing", "nothing that ships"],
  ])("refuses that %s depends on %s", (path, dependency, reason) => {
    for (const field of ["dependencies", "peerDependencies", "optionalDependencies"]) {
      expect(violations(path, "", { [field]: { [dependency]: "1" } })).toEqual([expect.stringContaining(reason)]);
    }
    expect(violations(path, "", { devDependencies: { [dependency]: "1" } })).toEqual([]);
  });
});

describe("a declared import", () => {
  const undeclared = (file: string, text: string, manifest: object) =>
    undeclaredImports([made("packages/providers/cln", { [file]: text }, manifest)], {
      devDependencies: { vitest: "4" },
    });

  it("is in the dependencies of what ships", () => {
    const text = 'import { a } from "@scope/a/b"; import type { C } from "c";';
    const manifest = { dependencies: { "@scope/a": "1" }, peerDependencies: { "@types/c": "1" } };
    expect(undeclared("src/a.ts", text, manifest)).toEqual([]);
    expect(undeclared("src/a.ts", text, { devDependencies: { "@scope/a": "1", c: "1" } })).toHaveLength(2);
  });

  it("may be a dev dependency, or the root's, in a test", () => {
    const text = 'import "vitest"; import "a"; import "node:fs"; import "cloudflare:workers"; import "./b.ts";';
    expect(undeclared("test/a.test.ts", text, { devDependencies: { a: "1" } })).toEqual([]);
    expect(undeclared("test/a.test.ts", text, {})).toEqual([
      'packages/providers/cln/test/a.test.ts:1 imports "a", which package.json does not declare',
    ]);
    expect(undeclared("src/a.ts", 'import "vitest";', {})).toHaveLength(1);
  });
});

describe("an import cycle", () => {
  it("is reported with its files", () => {
    const files = {
      "src/a.ts": 'import "./deep/b.ts";',
      "src/deep/b.ts": 'export * from "../c.ts";',
      "src/c.ts": 'const a = await import("./a.ts");',
    };
    expect(importCycles(made("packages/core", files))).toEqual([
      "packages/core: src/a.ts → src/deep/b.ts → src/c.ts → src/a.ts",
    ]);
  });

  it("is found behind an import map", () => {
    const imports = { "#a": { node: { "@l402/source": "./src/a.ts" } } };
    const cycles = importCycles(
      made("packages/core", { "src/a.ts": 'import "./b.ts";', "src/b.ts": 'import "#a";' }, { imports }),
    );
    expect(cycles).toEqual(["packages/core: src/a.ts → src/b.ts → src/a.ts"]);
  });

  it("is none when types go one way and code the other, or when two ways lead to one file", () => {
    const typesBack = { "src/a.ts": 'import "./b.ts";', "src/b.ts": 'import type { A } from "./a.ts";' };
    expect(importCycles(made("packages/core", typesBack))).toEqual([]);
    const diamond = { "src/a.ts": 'import "./b.ts"; import "./c.ts";', "src/b.ts": 'import "./c.ts";', "src/c.ts": "" };
    expect(importCycles(made("packages/core", diamond))).toEqual([]);
  });
});

describe("what an entry loads from outside", () => {
  it("is found through other files, and only what that entry loads", () => {
    const files = {
      "src/index.ts": 'import "./a.ts";',
      "src/a.ts": 'import "@noble/hashes"; import type { B } from "b";',
      "src/signature.ts": 'import "@noble/curves";',
    };
    expect(outsideImportsOf(made("packages/bolt11", files), ".")).toEqual(["@noble/hashes"]);
  });
});

describe("a file", () => {
  it("has a name that says what is inside", () => {
    const files = Object.fromEntries(
      ["utils.ts", "kits/helpers.ts", "common/a.ts", "types.ts", "misc.ts", "helper.ts"].map((name) => [
        `src/${name}`,
        "",
      ]),
    );
    expect(misshapenFiles(made("packages/core", files))).toHaveLength(6);
    expect(misshapenFiles(made("packages/lnd", { "src/lnd-types.ts": "", "test/wallet-helpers.ts": "" }))).toEqual([]);
  });

  it("has at most 250 lines, unless it is a test", () => {
    const text = "\n".repeat(251);
    expect(misshapenFiles(made("packages/core", { "src/a.ts": text, "test/a.test.ts": text }))).toEqual([
      "packages/core/src/a.ts: 251 lines, more than 250",
    ]);
    expect(misshapenFiles(made("packages/core", { "src/a.ts": "\n".repeat(250) }))).toEqual([]);
  });
});

describe("readImports", () => {
  it("finds every form, and knows which are types", () => {
    const text = `
      import a from "a"; import { type B } from "b"; export * from "c"; import type { D } from "d"; export type { E } from "e";
      import f = require("f"); const g = require("g"); const h = await import("h"); type I = import("i").I; import "j";
      // import "comment";
      const text = 'import "text"';
    `;
    const found = readImports("a.ts", text);
    expect(found.map(({ specifier }) => specifier).sort()).toEqual([..."abcdefghij"]);
    expect(
      found
        .filter(({ typeOnly }) => typeOnly)
        .map(({ specifier }) => specifier)
        .sort(),
    ).toEqual(["d", "e", "i"]);
  });
});
