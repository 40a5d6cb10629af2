import { randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { L402Error } from "@l402/core";

const PATIENCE_MS = 15_000;
const PAUSE_MS = 10;

/** Waits until no other process has the lock; answers how to give it up. A lock whose process is dead counts for nothing. */
export async function lockFile(path: string): Promise<() => Promise<void>> {
  const own = `${process.pid} ${randomUUID()}`;
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      await writeFile(path, own, { flag: "wx", mode: 0o600 });
      return () => rm(path, { force: true });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EEXIST") throw locked(path, code);
    }
    await removeIfDead(path);
    if (performance.now() > end) throw locked(path, undefined);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * (0.5 + Math.random())));
  }
}

async function removeIfDead(path: string): Promise<void> {
  const holder = await readFile(path, "utf8").catch(() => undefined);
  // An empty one is being written.
  if (!holder || isAlive(Number.parseInt(holder, 10))) return;
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
    // Somebody may have been quicker, and this is the lock of a living process.
    const moved = await readFile(aside, "utf8");
    if (moved !== holder) await rename(aside, path);
    else await rm(aside, { force: true });
  } catch {}
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const locked = (path: string, reason: string | undefined) =>
  new L402Error("STORE_UNAVAILABLE", `${path} cannot be locked${reason ? ` (${reason})` : " in time"}.`, {
    hint: "Another program uses the file, or its folder cannot be written to.",
  });
