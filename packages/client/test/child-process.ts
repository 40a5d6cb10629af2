import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** Runs a file of this folder in a separate process, until the test ends. */
export function startProcess(file: string, args: readonly string[]) {
  const execArgv = ["--conditions=@l402/source", "--import", import.meta.resolve("tsx")];
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, { execArgv });
  const ended = once(child, "exit");
  /** kill -9 */
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  onTestFinished(kill);
  const failed = ended.then(([code]) => Promise.reject(new Error(`${file} ended with ${code}.`)));
  failed.catch(() => {});
  return {
    kill,
    /** Reads the next message of the process. */
    async next<Message>(): Promise<Message> {
      const [message] = await Promise.race([once(child, "message"), failed]);
      return message as Message;
    },
    say: (message: string) => child.send(message),
  };
}
