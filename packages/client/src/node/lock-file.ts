import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { L402Error } from "@l402/core";

const PATIENCE_MS = 30_000;
/** A process never needs a lock for longer than this. */
const STALE_MS = 10_000;
const PAUSE_MS = 10;

export interface FileLock {
  /** The path of a temporary file beside the locked one. If the lock's holder dies, both are removed. */
  draft: string;
  /** False if another process took the lock away, because its holder was too slow. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/**
 * Waits until no other process has the lock of a file, and takes it. Removes a lock that is stale or of a dead process.
 */
export async function lockFile(path: string): Promise<FileLock> {
  const lock = `${path}.lock`;
  const id = randomUUID();
  const own = `${process.pid} ${id} ${hostname()}`;
  const isHeld = async () => (await read(lock)) === own;
  const removeIfDead = watch(path, lock);
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await writeFile(lock, own, { flag: "wx", mode: 0o600 });
      const release = async () => void ((await isHeld()) && (await rm(lock, { force: true })));
      return { draft: draftOf(path, id), isHeld, release };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EEXIST") throw locked(lock, code);
    }
    await removeIfDead();
    if (performance.now() > end) throw locked(lock, undefined);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (0.5 + Math.random())));
  }
}

function watch(path: string, lock: string) {
  let seen: string | undefined;
  let since = 0;

  return async function removeIfDead(): Promise<void> {
    const holder = await read(lock);
    if (holder === undefined) return;
    if (holder !== seen) {
      seen = holder;
      since = performance.now();
    }
    // A living process id is no proof: another process may have got the same number, above all in containers.
    if (isAlive(holder) && performance.now() - since < STALE_MS) return;
    const aside = `${lock}.${randomUUID()}`;
    try {
      await rename(lock, aside);
      if ((await read(aside)) === holder) await rm(draftOf(path, idOf(holder)), { force: true });
      // Another process was quicker, and this is its lock: put it back. If that fails, `isHeld` tells its holder.
      else await link(aside, lock);
    } catch {
    } finally {
      await rm(aside, { force: true });
    }
  };
}

const draftOf = (path: string, id: string | undefined) => `${path}.${id}.draft`;

const idOf = (holder: string) => holder.split(" ")[1];

function isAlive(holder: string): boolean {
  const [pid, , host] = holder.split(" ");
  // An empty lock is just being written, and the processes of another computer cannot be checked.
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const read = (path: string): Promise<string | undefined> => readFile(path, "utf8").catch(() => undefined);

const locked = (path: string, reason: string | undefined) =>
  new L402Error(
    "STORE_UNAVAILABLE",
    `The client cannot create the lock file ${path}${reason ? ` (${reason})` : " in time"}.`,
    {
      hint: "Another program may be using the store, or the folder may be read-only. This request paid nothing.",
    },
  );
