// Installs Postgres and PostgREST for the tests of @l402/supabase, which call this from several processes at once.
import { mkdirSync, rmdirSync, statSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { install } from "./install.mjs";
import { fail, root } from "./run.mjs";

const PATIENCE_SECONDS = 180;
const directory = `${root}/tooling/supabase`;
const lock = `${directory}/.installing`;

for (let waited = 0; !takeLock(); waited++) {
  if (waited > PATIENCE_SECONDS) fail(`tooling/supabase was not installed within ${PATIENCE_SECONDS} s.`);
  await pause(1000);
}
process.on("exit", () => rmdirSync(lock));
install(directory, "--ignore-workspace");

function takeLock() {
  try {
    mkdirSync(lock);
    return true;
  } catch {
    const { mtimeMs = Date.now() } = statSync(lock, { throwIfNoEntry: false }) ?? {};
    // Left behind by one that was killed.
    if (Date.now() - mtimeMs > PATIENCE_SECONDS * 1000) rmdirSync(lock);
    return false;
  }
}
