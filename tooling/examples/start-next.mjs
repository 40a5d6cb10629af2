// Builds a Next.js app and starts it, as its owner would.
import { spawn } from "node:child_process";
import { run } from "../run.mjs";

const env = { NEXT_TELEMETRY_DISABLED: "1", L402_SECRET: "a secret of an example, 32 bytes or more" };

export async function startNext(directory) {
  const next = `${directory}/node_modules/next/dist/bin/next`;
  run(process.execPath, [next, "build"], { cwd: directory, env, quiet: true });
  const server = spawn(process.execPath, [next, "start", "--port", "0", "--hostname", "127.0.0.1"], {
    cwd: directory,
    env: { ...process.env, ...env },
  });
  const url = await new Promise((resolve, reject) => {
    let output = "";
    const read = (chunk) => {
      output += chunk;
      const [found] = /http:\/\/127\.0\.0\.1:[1-9]\d*/.exec(output) ?? [];
      if (found) resolve(found);
    };
    server.stdout.on("data", read);
    server.stderr.on("data", read);
    server.on("exit", () => reject(new Error(`Next did not start:\n${output}`)));
  });
  return { url, close: () => server.kill() };
}
