// Builds every package into its dist folder; what did not change comes from turbo's cache.
import { installTools, toolPath } from "./check-tools.mjs";
import { pnpm } from "./pnpm.mjs";

installTools();
// Through pnpm, because turbo looks for it and it need not be installed on this machine.
pnpm(["exec", toolPath("turbo"), "run", "build", "--output-logs=errors-only", ...process.argv.slice(2)], {
  env: { TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" },
});
