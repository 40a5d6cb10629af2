import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Worker } from "node:worker_threads";

/** The holder touches its lock every 2 s. */
const DEAD_MS = 10_000;

/**
 * Takes a folder for this process, and answers how to let go of it. Waits up to 10 s to see whether a holder is alive.
 *
 * SECURITY: two processes in one folder would destroy the books, and a process number says nothing: in containers, all
 * have the same (lock-folder.test.ts, "has one holder").
 */
export async function lockFolder(folder: string, deadMs = DEAD_MS): Promise<() => Promise<void>> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = `${folder}/lock`;
  const id = randomUUID();
  let seen: Lock | undefined;
  let since = 0;
  while (!take(file, id)) {
    const found = look(file);
    if (found && found.id === seen?.id && found.touchedMs !== seen.touchedMs) {
      throw new Error(
        `Another process uses the database folder ${folder}. Stop that process, or set DATABASE_URL to share a Postgres server.`,
      );
    }
    if (found?.id !== seen?.id) since = performance.now();
    seen = found;
    if (!found) continue;
    // Also by this process's own clock: that of the file may be ahead.
    const isDead = Date.now() - found.touchedMs > deadMs || performance.now() - since > deadMs;
    if (isDead) remove(file, found.id);
    else await pause(100);
  }
  const holder = new Worker(HOLD, { eval: true, workerData: { file, id }, execArgv: [] });
  holder.unref();
  return async () => {
    await holder.terminate();
    remove(file, id);
  };
}

/**
 * In a thread of its own, because a long query stops all else. A process that was paused for so long that another one
 * took the folder must not write any more; it is stopped the way that the books survive.
 */
const HOLD = `
  const { readFileSync, utimesSync, writeSync } = require("node:fs");
  const { file, id } = require("node:worker_threads").workerData;
  setInterval(() => {
    try {
      if (readFileSync(file, "utf8") === id) return utimesSync(file, new Date(), new Date());
    } catch {
      return;
    }
    writeSync(2, "Another process has taken over the database folder, so this process stops.\\n");
    process.kill(process.pid, "SIGKILL");
  }, 2_000);
`;

interface Lock {
  id: string;
  touchedMs: number;
}

function take(file: string, id: string): boolean {
  try {
    writeFileSync(file, id, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return false;
  }
}

function look(file: string): Lock | undefined {
  try {
    return { touchedMs: statSync(file).mtimeMs, id: readFileSync(file, "utf8") };
  } catch {
    return undefined;
  }
}

/** Removes the lock with this id, and none that has taken its place. */
function remove(file: string, id: string): void {
  if (look(file)?.id !== id) return;
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    // Somebody was quicker, and this is another lock.
    if (readFileSync(aside, "utf8") !== id) renameSync(aside, file);
  } catch {
  } finally {
    rmSync(aside, { force: true });
  }
}
