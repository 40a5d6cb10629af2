import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { providerCases } from "../../src/kits/provider.ts";

it("a kit runs under node:test, where a missing hook fails and a skip is shown", { timeout: 20_000 }, () => {
  const file = fileURLToPath(new URL("./under-node-test.ts", import.meta.url));
  const args = ["--conditions=@l402/source", "--import", "tsx", "--test", "--test-reporter=tap", file];
  const { stdout, status } = spawnSync(process.execPath, args, { encoding: "utf8", env: withoutVitest() });
  expect(stdout).toContain("fakeLightning is a Lightning provider that");
  expect(stdout).toMatch(/gives up when its caller does \(skipped: it has no backend\) # SKIP/);
  expect(stdout).toMatch(/not ok \d+ - reports an unpaid invoice as expired/);
  expect(stdout).toContain('This case needs the hook "expire".');
  expect(stdout).toContain(`# pass ${providerCases.length - 4}`);
  expect(stdout).toContain("# skipped 3");
  expect(stdout).toContain("# fail 1");
  expect(status).toBe(1);
});

function withoutVitest(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, VITEST: __, ...env } = process.env;
  return env;
}
