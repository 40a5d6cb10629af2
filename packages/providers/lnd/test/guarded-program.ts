import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** Closes with its parent, whatever ended that, and takes the program along. Its first line is the program's id. */
const GUARD = `
log=$1; shift; exec 3<&0
"$@" 3<&- </dev/null >>"$log" 2>&1 & program=$!
echo $program
{ read -r _ <&3; kill -9 $program; } >/dev/null 2>&1 &
wait $program
`;

/** A program that ends at the latest with this process. What it prints goes into a file. */
export async function startGuarded(log: string, program: string, args: string[]) {
  const guard = spawn("sh", ["-c", GUARD, "sh", log, program, ...args], { stdio: ["pipe", "pipe", "ignore"] });
  const exited = once(guard, "exit");
  const [line] = await once(createInterface({ input: guard.stdout }), "line");
  return {
    hasEnded: () => guard.exitCode !== null,
    signal: (name: NodeJS.Signals) => process.kill(Number(line), name),
    /** At once, without a chance to write anything down. */
    async kill(): Promise<void> {
      guard.stdin.end();
      await exited;
    },
  };
}

export type GuardedProgram = Awaited<ReturnType<typeof startGuarded>>;
