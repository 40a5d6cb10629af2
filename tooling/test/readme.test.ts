import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(`${root}/README.md`, "utf8");
const [, code, output] = /```js\n(.*?)```\n\nIt prints:\n\n```\n(.*?)```/s.exec(readme) ?? [];

it("the README's quickstart is docs/examples/sale.mjs", () => {
  expect(code).toBe(readFileSync(`${root}/docs/examples/sale.mjs`, "utf8"));
});

it("the README's quickstart prints what the README says", () => {
  const args = ["--conditions=@l402/source", "--import", "tsx", "docs/examples/sale.mjs"];
  expect(execFileSync(process.execPath, args, { cwd: root, encoding: "utf8" })).toBe(output);
});
