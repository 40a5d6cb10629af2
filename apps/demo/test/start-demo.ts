import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

export const root = fileURLToPath(new URL("../../..", import.meta.url));
const running: (() => void)[] = [];
afterAll(() => {
  for (const stop of running) stop();
});

/** Starts the demo as `npm run demo` does. It ends with the tests of the file. */
export function startDemo(args: readonly string[] = [], env: Record<string, string> = {}) {
  const command = ["--conditions=@l402/source", "--import", "tsx", "apps/demo/src/demo.ts", ...args];
  const child = spawn(process.execPath, command, { cwd: root, env: { ...process.env, NODE_ENV: "", ...env } });
  running.push(() => child.kill("SIGKILL"));
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, output }));
  const says = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(output);
      if (found) return found;
      if (child.exitCode !== null) throw new Error(`The demo ended and did not say ${pattern}:\n${output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return { child, ended, says };
}
