// Installs the dependencies of a folder that several processes may want at once: one installs, the others wait. This is how
// what is too large for npm test comes at its first use:
//   node tooling/install-locked.mjs tooling/supabase       Postgres and PostgREST, for tests
//   node tooling/install-locked.mjs apps/managed/pglite    the Postgres that runs inside the managed service
import { mkdirSync, rmdirSync, statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { install } from "./install.mjs";
import { fail, root } from "./run.mjs";

const PATIENCE_SECONDS = 180;

const [folder] = process.argv.slice(2);
const lock = `${root}/${folder}/.installing`;
for (let waited = 0; !takeLock(); waited++) {
  if (waited > PATIENCE_SECONDS) fail(`${folder} was not installed within ${PATIENCE_SECONDS} s.`);
  await pause(1000);
}
process.on("exit", () => rmdirSync(lock));
install(`${root}/${folder}`, "--ignore-workspace");

function takeLock() {
  try {
    mkdirSync(lock);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    const { mtimeMs = Date.now() } = statSync(lock, { throwIfNoEntry: false }) ?? {};
    // Left behind by one that was killed.
    if (Date.now() - mtimeMs > PATIENCE_SECONDS * 1000) rmdirSync(lock);
    return false;
  }
}
