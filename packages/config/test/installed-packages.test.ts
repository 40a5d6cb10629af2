import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BACKENDS } from "../src/backends.ts";
import { SETTINGS } from "./settings.ts";

/** An app that has installed one backend, and says what becomes of each. */
const APP = `
import { providerFrom, useStoreFrom } from "@l402/config";
const settings = ${JSON.stringify(SETTINGS)};
const result = {};
for (const [name, env] of Object.entries(settings)) {
  await providerFrom({ ...env, L402_PROVIDER: name }).then(
    () => (result[name] = "made"),
    (error) => (result[name] = error.code + ": " + error.message + " " + error.hint),
  );
}
await useStoreFrom({ REDIS_URL: "redis://127.0.0.1:1" }).catch((error) => (result.redis = error.hint));
console.log(JSON.stringify(result));
`;
const EXPECTED = {
  ...Object.fromEntries(
    Object.entries(BACKENDS).map(([name, { package: from, install = from }]) => [
      name,
      `CONFIG_INVALID: The package ${from} is not installed. Run: npm install ${install}`,
    ]),
  ),
  lnd: "made",
  redis: "Run: npm install @l402/redis ioredis",
};

const dir = mkdtempSync(`${tmpdir()}/l402-app-`);
const packages = fileURLToPath(new URL("../..", import.meta.url));

beforeAll(() => {
  for (const path of ["core", "bolt11", "backend", "config", "providers/lnd"]) {
    const to = `${dir}/node_modules/@l402/${path.split("/").at(-1)}`;
    for (const part of ["package.json", "src"])
      cpSync(`${packages}/${path}/${part}`, `${to}/${part}`, { recursive: true });
  }
  writeFileSync(`${dir}/package.json`, '{ "type": "module" }');
  writeFileSync(`${dir}/app.mjs`, APP);
});
afterAll(() => rmSync(dir, { recursive: true }));

const run = (...args: string[]) => JSON.parse(execFileSync(process.execPath, args, { cwd: dir, encoding: "utf8" }));
const require = createRequire(import.meta.url);

describe("an app that has installed one backend", () => {
  it("uses it, and hears of every other which command installs it", () => {
    const tsx = pathToFileURL(require.resolve("tsx")).href;
    expect(run("--conditions=@l402/source", "--import", tsx, "app.mjs")).toEqual(EXPECTED);
  });

  it("can be bundled", async () => {
    const esbuild = createRequire(require.resolve("tsup"))("esbuild");
    await esbuild.build({
      entryPoints: [`${dir}/app.mjs`],
      outfile: `${dir}/bundle.mjs`,
      bundle: true,
      platform: "node",
      format: "esm",
      conditions: ["@l402/source"],
      logLevel: "silent",
    });
    expect(run("bundle.mjs")).toEqual(EXPECTED);
  });
});
