// Runs @l402/lnd against real LND nodes, with channels between them, on a chain of their own: npm run test:lnd
import { NOT_RUN } from "./ci-counts.mjs";
import { findGo, installLnd } from "./install-lnd.mjs";
import { fail, root, run } from "./run.mjs";

const go = findGo();
if (!go) fail("Not run: LND is built with Go, at least that of tooling/lnd/go.mod. https://go.dev/dl", NOT_RUN);
const programs = installLnd(go);
if (!programs) fail("Not run: the Go proxy, which has the sources of LND, cannot be reached.", NOT_RUN);
const vitest = `${root}/node_modules/vitest/vitest.mjs`;
run(process.execPath, [vitest, "run", "--project", "lnd", "test/real-lnd.test.ts"], {
  env: { L402_REAL_LND: programs },
});
