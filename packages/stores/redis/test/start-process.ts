import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { atEnd } from "./at-end.ts";

/** Starts a file of this folder in a process of its own, which says when it is ready. */
export async function startProcess<Ready>(
  file: string,
  ...args: string[]
): Promise<{ child: ChildProcess; ready: Ready }> {
  const execArgv = ["--conditions=@l402/source", "--import", import.meta.resolve("tsx")];
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv });
  atEnd(() => child.kill("SIGKILL"));
  const ended = once(child, "exit").then(([code]) => Promise.reject(new Error(`${file} ended with ${code}.`)));
  const [ready] = await Promise.race([once(child, "message"), ended]);
  ended.catch(() => {});
  return { child, ready };
}
