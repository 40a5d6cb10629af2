import { execFile, execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { openFakeShop } from "./fake-shop.ts";
import { dir, main, root } from "./l402-process.ts";

const hasScript = !spawnSync("script", ["--version"], { stdio: "ignore" }).error && process.platform === "linux";
if (!hasScript) console.warn("Skipped: script, which stands in for a terminal, is not installed here.");

const env = { PATH: process.env.PATH, HOME: dir, L402_WALLET: "lndd", TERM: "xterm-256color" };
const command = `${process.execPath} ${main}`;
/** Runs a command line on a terminal, and answers what that shows. */
const onTerminal = (line: string, more: object = {}) =>
  execFileSync("script", ["-qec", `${line}; true`, "/dev/null"], { cwd: root, env: { ...env, ...more } }).toString();
const ESCAPE = "\u001b[";

describe("colours", () => {
  it.skipIf(!hasScript)("are shown on a terminal, each stream for itself, unless NO_COLOR is set", () => {
    expect(onTerminal(`${command} doctor`)).toContain(`${ESCAPE}31m✗${ESCAPE}0m Wallet: `);
    expect(onTerminal(`${command} fetsch`)).toContain(`${ESCAPE}31mUSAGE${ESCAPE}0m `);
    // Only stderr is the terminal there.
    onTerminal(`${command} doctor > ${dir}/findings`);
    expect(readFileSync(`${dir}/findings`, "utf8")).toMatch(/^✓ Node(.*\n)+✗ Wallet/);
    expect(onTerminal(`${command} doctor`, { NO_COLOR: "1" })).not.toContain(ESCAPE);
  });

  it("are not shown elsewhere, whatever the environment says of terminals", () => {
    const { stdout, stderr } = spawnSync(process.execPath, [main, "doctor"], {
      cwd: root,
      env: { ...env, FORCE_COLOR: "1" },
    });
    expect(`${stdout}${stderr}`).toContain("✗ Wallet");
    expect(`${stdout}${stderr}`).not.toContain(ESCAPE);
  });
});

describe("an answer", () => {
  const body = `${ESCAPE}1A${ESCAPE}2KPaid 0 sats\u009b2J\u0007[m\r\n[5m\n\t${ESCAPE}1;31mred${ESCAPE}0m 👨\u200d👩\n`;

  it.skipIf(!hasScript)("cannot rewrite on a terminal what was told before, and keeps its colours", async () => {
    const { url } = await openFakeShop({ "/free": (_, response) => response.end(body) });
    const inShell = async (line: string) => {
      const { stdout } = await promisify(execFile)("script", ["-qec", line, "/dev/null"], { cwd: root, env });
      return stdout;
    };
    const shown = await inShell(`${command} fetch ${url}/free`);
    expect(shown.replaceAll("\r", "")).toBe(
      `�[1A�[2KPaid 0 sats�2J�[m\n[5m\n\t${ESCAPE}1;31mred${ESCAPE}0m 👨\u200d👩\n`,
    );
    await inShell(`${command} fetch ${url}/free > ${dir}/whole`);
    expect(readFileSync(`${dir}/whole`, "utf8")).toBe(body);
  });

  it.skipIf(!hasScript)("cannot hide by its colours what is told after it", async () => {
    const { url } = await openFakeShop({
      "/broken": (_, response) =>
        void response.write(`${ESCAPE}0m${ESCAPE}8m`, () => setTimeout(() => response.destroy(), 200)),
    });
    const line = `${command} fetch ${url}/broken; true`;
    const { stdout } = await promisify(execFile)("script", ["-qec", line, "/dev/null"], { cwd: root, env });
    expect(stdout).toContain(`${ESCAPE}8m${ESCAPE}0m${ESCAPE}31mNETWORK`);
  });
});
