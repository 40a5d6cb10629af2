import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Use } from "@l402/core";

export interface RaceSettings {
  url: string;
  key: string;
  secret: string;
  uses: Use[];
  times: number;
}

/** What the store answered to each try, for each of the uses. */
export type RaceAnswers = (number | false)[][];

/** Takes each use many times, in a process of its own. */
export async function race(settings: RaceSettings): Promise<RaceAnswers> {
  const script = fileURLToPath(new URL("racer.ts", import.meta.url));
  const args = ["--conditions=@l402/source", "--import", "tsx", script, JSON.stringify(settings)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  await new Promise((resolve) => child.once("close", resolve));
  return JSON.parse(output);
}
