import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { VictimSettings } from "./victim.ts";

/** Starts a process of the service. */
export function startVictim(settings: VictimSettings): ChildProcess {
  const script = fileURLToPath(new URL("victim.ts", import.meta.url));
  const args = ["--conditions=@l402/source", "--import", import.meta.resolve("tsx"), script, JSON.stringify(settings)];
  return spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
}

/** Runs one to its end; answers how it ended and what it printed. */
export async function runVictim(
  settings: VictimSettings,
  onStart = (_: ChildProcess) => {},
): Promise<{ signal: string | null; output: string }> {
  const child = startVictim(settings);
  onStart(child);
  let output = "";
  child.stdout?.on("data", (chunk) => {
    output += chunk;
  });
  const signal = await new Promise<string | null>((resolve) => child.once("close", (_, by) => resolve(by)));
  return { signal, output: output.trim() };
}
