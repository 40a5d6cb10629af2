import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, expect, it } from "vitest";
import { USAGE } from "../src/usage.ts";
import { l402, newState, root } from "./l402-process.ts";

const path = `${root}/packages/cli/README.md`;
const readme = readFileSync(path, "utf8");
const SESSION = /(<!-- session.*?-->\n```console\n)(.*?)(```\n<!-- \/session -->)/s;
const RECORDED = "http://127.0.0.1:4020";

// As `npm run demo` does, but on any port.
const demo = spawn(
  process.execPath,
  ["--conditions=@l402/source", "--import", "tsx", "apps/demo/src/demo.ts", "--port", "0"],
  { cwd: root, env: { ...process.env, NODE_ENV: "" } },
);
afterAll(() => void demo.kill("SIGKILL"));

async function demoUrl(): Promise<string> {
  let output = "";
  for await (const chunk of demo.stdout) {
    output += chunk;
    const [, url] = /Try it yourself at (\S+) .*\n/.exec(output) ?? [];
    if (url) return url;
  }
  throw new Error(`The demo ended:\n${output}`);
}

/** What differs from run to run: times, hashes, and what the shop picks by chance. */
const steady = (session: string) =>
  session
    .replace(/in (\d+\.\d s|\d+ ms)/g, "in …")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z \(in \d+ min\)/g, "… (in … min)")
    .replace(/"date":"[^"]*"/g, '"date":"…"')
    .replace(/"content-length":"\d+"/g, '"content-length":"…"')
    .replace(/"paymentHash":"[0-9a-f]{64}"/g, '"paymentHash":"…"')
    .replace(/(\\?"(?:quote|weather)\\?":\\?")[^"\\]*/g, "$1…");

it("the README's session is what the command says to the demo", async () => {
  const [, before = "", recorded = "", after = ""] = SESSION.exec(readme) ?? [];
  const url = await demoUrl();
  // What is exported there, and where this demo is.
  const [, exported = ""] = /^\$ export (.*)$/m.exec(recorded) ?? [];
  const settings = Object.fromEntries(exported.split(" ").map((each) => each.split("=") as [string, string]));
  const env = { ...settings, DEMO_URL: url, L402_STATE: newState() };

  const lines: string[] = [];
  let exitCode: number | null = null;
  for (const line of recorded.split("\n").filter((each) => each.startsWith("$ "))) {
    lines.push(line);
    if (line === "$ echo $?") lines.push(String(exitCode));
    if (!line.startsWith("$ l402 ")) continue;
    const { code, stdout, stderr } = await l402(line.slice(7).replaceAll(RECORDED, url).split(" "), { env });
    exitCode = code;
    lines.push(`${stderr}${stdout}`.replaceAll(url, RECORDED).trimEnd());
  }
  const session = `${lines.join("\n")}\n`;
  if (process.env.WRITE_README)
    writeFileSync(
      path,
      readme.replace(SESSION, () => before + session + after),
    );
  else expect(steady(session)).toBe(steady(recorded));
});

it("the README's exit codes are those of the help", () => {
  const codes = (text: string, line: RegExp) =>
    [...text.matchAll(line)].map(
      ([, code, meaning = ""]) => `${code} ${meaning.toLowerCase().replaceAll("`", "").replace(/\.$/, "")}`,
    );
  expect(codes(readme, /^\| (\d) \| (.*) \|$/gm)).toEqual(codes(USAGE, /^ {2}(\d) {2}(.*)$/gm));
});

it("l402 --help prints the help, and --version the version", async () => {
  const help = await l402(["--help"]);
  expect(help).toMatchObject({ code: 0, stdout: USAGE, stderr: "" });
  expect(await l402(["fetch", "--help"])).toMatchObject({ code: 0, stdout: USAGE });
  expect((await l402([])).stdout).toBe(USAGE);
  expect(USAGE.split("\n").filter((line) => line.length > 100)).toEqual([]);
  const { version } = JSON.parse(readFileSync(`${root}/packages/cli/package.json`, "utf8"));
  expect((await l402(["--version"])).stdout).toBe(`${version}\n`);
});

it("l402 demo sells on real Lightning, with nothing to set", async () => {
  const { code, stdout: output } = await l402(["demo"], { fromSource: true });
  expect(code).toBe(0);
  expect(output).toContain("no real bitcoin");
  expect(output).toContain(
    "← 402 Payment Required: 10 sats, and an invoice\n⚡ The buyer paid 10 sats over Lightning, plus a routing fee of 1 sat\n",
  );
  expect(output).toContain("← 200 Sunny, 21 °C");
});
