// Files, exports and dependencies that nothing uses.
import { runTool } from "../check-tools.mjs";

runTool("knip", ["--no-progress"], { quiet: true });
