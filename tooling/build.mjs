// Builds every package into its dist folder; what did not change comes from turbo's cache.
import { runTool } from "./check-tools.mjs";

runTool("turbo", ["run", "build", "--output-logs=errors-only", ...process.argv.slice(2)], {
  env: { TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" },
});
