import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

export interface Running {
  url: string;
  adminUrl: string;
  adminKey: string;
  output(): string;
  /** Ends it as Ctrl+C does; answers the exit code. */
  stop(): Promise<number | null>;
}

function launch(args: readonly string[], env: Record<string, string>) {
  const command = ["--conditions=@l402/source", "--import", "tsx", "apps/managed/src/managed.ts", ...args];
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, command, { cwd: root, env: { PATH, HOME, ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  return { child, output: () => output };
}

/** Runs `npm run managed` to its end. */
export async function runManaged(args: readonly string[], env: Record<string, string> = {}) {
  const { child, output } = launch(args, env);
  const [exitCode] = await once(child, "close");
  return { exitCode: exitCode as number | null, output: output() };
}

/** Starts the service as `npm run managed` does, on free ports. */
export async function startManaged(env: Record<string, string> = {}): Promise<Running> {
  const { child, output } = launch([], { MANAGED_PORT: "0", MANAGED_ADMIN_PORT: "0", ...env });
  const ended = once(child, "close");
  while (!/Operator .*\n/.test(output())) {
    const more = Promise.race([once(child.stdout, "data"), once(child.stderr, "data"), ended]);
    await more;
    if (child.exitCode !== null) throw new Error(`The service ended:\n${output()}`);
  }
  const find = (pattern: RegExp) => pattern.exec(output())?.[1] ?? "";
  return {
    url: find(/API +(\S+)/),
    adminUrl: find(/Operator (\S+)/),
    adminKey: find(/password (\S+)/),
    output,
    async stop() {
      child.kill("SIGTERM");
      const [code] = await ended;
      return code as number | null;
    },
  };
}
