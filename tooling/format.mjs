// Formats every file and sorts its imports.
import { runTool } from "./check-tools.mjs";

runTool("biome", ["check", "--write", ...process.argv.slice(2)]);
