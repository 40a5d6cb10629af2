import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { KINDS } from "../package-template.mjs";
import { published } from "../packages.mjs";
import { root } from "../run.mjs";

/** What users write into an object, as far as its name says so. */
const SETTINGS = /^export (?:interface|type) (?!BackendOptions|L402ErrorOptions)\w+(?:Options|Limits|Theme)\b.*?^\}/gms;
/** An optional property that may not be given as `undefined`. */
const STRICT = /^ +\w+\?(?:\(.*|: (?!.*\| undefined;$|never;$).*)/gm;

const strictIn = (text: string) => [...text.matchAll(SETTINGS)].flatMap(([type]) => type.match(STRICT) ?? []);

// With exactOptionalPropertyTypes, `{ prefix: process.env.PREFIX }` would not compile otherwise.
it("options may be given as undefined, because settings of the environment may be", () => {
  const templates = Object.keys(KINDS).map((kind) => `tooling/templates/${kind}`);
  const paths = [...published.map(({ path }) => path), ...templates];
  const found = paths.flatMap((path) =>
    readdirSync(`${root}/${path}/src`, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts") && !file.startsWith("kits/"))
      .flatMap((file) => strictIn(readFileSync(`${root}/${path}/src/${file}`, "utf8")).map((line) => file + line)),
  );
  expect(found).toEqual([]);
});

it.each(["a?: string;", "a?(b: string): void;", "a?: (b: string | undefined) => void;"])("refuses %s", (property) => {
  expect(strictIn(`export interface FooOptions {\n  ${property}\n}\n`)).toHaveLength(1);
});
