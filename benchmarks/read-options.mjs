// What a benchmark was asked for. Where it is asked for what it does not know, such as --help, it says how it is called.
import { parseArgs } from "node:util";
import { fail } from "../tooling/run.mjs";

export function readOptions(options, usage) {
  try {
    return parseArgs({ options }).values;
  } catch {
    return fail(usage, 2);
  }
}
