// The memory store with many live tokens, in a process of its own that can collect its garbage.
import { spawnSync } from "node:child_process";
import { compile } from "../compile.mjs";
import { onlyOne } from "../rounds.mjs";

export async function measureGroup() {
  const file = await compile("memory/use-store");
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--expose-gc", file], { encoding: "utf8" });
  if (status !== 0) throw new Error(`The memory store fails: ${stderr}`);
  const values = Object.entries(JSON.parse(stdout)).map(([name, value]) => [name, onlyOne(value)]);
  return { values: Object.fromEntries(values) };
}
