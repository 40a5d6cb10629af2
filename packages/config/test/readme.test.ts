import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { NETWORKS } from "@l402/core";
import { expect, it } from "vitest";
import { BACKENDS } from "../src/backends.ts";
import { BUDGET_VARIABLES } from "../src/index.ts";
import { SETTINGS, settingsOf } from "./settings.ts";

const path = fileURLToPath(new URL("../README.md", import.meta.url));
const readme = readFileSync(path, "utf8");

const table = [
  "| `L402_PROVIDER` | `L402_WALLET` | needs | may have | package |",
  "|---|---|---|---|---|",
  ...Object.entries(BACKENDS).map(([name, backend]) => {
    const { variables, wallet, package: from, install = from } = backend;
    const list = (isOptional: boolean) =>
      Object.entries(variables)
        .filter(([, { optional = false }]) => optional === isOptional)
        .map(([variable, { role }]) => `\`${variable}\`${role ? ` (to ${role === "wallet" ? "buy" : "sell"})` : ""}`)
        .join(", ");
    return `| \`${name}\` | ${wallet ? `\`${name}\`` : "–"} | ${list(false)} | ${list(true)} | \`${install}\` |`;
  }),
].join("\n");

it("the README's table of backends is that of the code", () => {
  const expected = readme.replace(/(<!-- backends.*?-->\n).*(<!-- \/backends -->)/s, `$1${table}\n$2`);
  if (process.env.WRITE_README) writeFileSync(path, expected);
  else expect(readme).toBe(expected);
});

it("the README names every other variable and network", () => {
  for (const name of ["L402_MAX_SATS", ...NETWORKS]) expect(readme).toContain(`\`${name}\``);
  for (const name of Object.keys(BUDGET_VARIABLES)) expect(readme).toContain(name.replace("L402_MAX_SATS_", "_"));
});

it.each([
  ["sell", { ...settingsOf("lnd"), L402_PROVIDER: "lnd", L402_STORE: "memory", L402_SECRET: "5ec2e7".repeat(8) }],
  ["buy", { ...settingsOf("alby"), L402_WALLET: "alby", L402_STATE: ".l402/client.json" }],
])("the README's code to %s says what the README says", (what, env) => {
  const [, code = "", output] =
    new RegExp(`\\*\\*To ${what}:.*?\`\`\`js\\n(.*?)\`\`\`.*?\`\`\`\\n(.*?)\`\`\``, "s").exec(readme) ?? [];
  const args = ["--conditions=@l402/source", "--import", "tsx", "--input-type=module", "--eval", code];
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  expect(execFileSync(process.execPath, args, { cwd, encoding: "utf8", env: { ...process.env, ...env } })).toBe(output);
});

it("every backend has settings to be tested with", () => {
  expect(Object.keys(SETTINGS)).toEqual(Object.keys(BACKENDS));
});
