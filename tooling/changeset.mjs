// Describes a change for the changelogs (no arguments), or runs another command of changesets, such as version.
import { runTool } from "./check-tools.mjs";

runTool("changeset", process.argv.slice(2));
