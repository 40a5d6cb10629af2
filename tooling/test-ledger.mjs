// Runs the managed service's ledger through a hundred thousand random sequences of events, and the service through forty
// worlds in which everything goes wrong: npm run test:ledger. One that fails says how to repeat it alone.
import { root, run } from "./run.mjs";

const vitest = `${root}/node_modules/vitest/vitest.mjs`;
run(process.execPath, [vitest, "run", "--project", "apps/managed", "test/properties/"], {
  env: { L402_LEDGER_SEQUENCES: "100000", L402_SERVICE_WORLDS: "40", L402_REQUIRE_SUPABASE: "1" },
});
