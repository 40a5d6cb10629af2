// Installs the dependencies of a folder that several processes may want at once: one installs, the others wait.
import { mkdirSync, rmdirSync, statSync } from "node:fs";
import { relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { install } from "./install.mjs";
import { fail, root } from "./run.mjs";

const PATIENCE_SECONDS = 180;

export async function installLocked(directory) {
  const lock = `${directory}/.installing`;
  for (let waited = 0; !takeLock(lock); waited++) {
    if (waited > PATIENCE_SECONDS) fail(`${relative(root, directory)} was not installed within ${PATIENCE_SECONDS} s.`);
    await pause(1000);
  }
  process.on("exit", () => rmdirSync(lock));
  install(directory, "--ignore-workspace");
}

function takeLock(lock) {
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
