import { statSync } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { checkOption, L402Error, refuseUnknownOptions } from "@l402/core";
import { type ClientState, type ClientStore, emptyState } from "./client-state.ts";
import { lockFile } from "./lock-file.ts";

/**
 * Keeps credentials, payments and spending in a file that only its owner can read. Several processes may share it, and
 * then they share one budget.
 *
 * SECURITY: whoever reads the file can use what was bought, so it is made with mode 0600 (file-client-store.test.ts).
 */
export function createFileClientStore(options: { path: string }): ClientStore {
  refuseUnknownOptions("createFileClientStore", options, ["path"]);
  checkOption(
    typeof options.path === "string" && options.path !== "",
    "path",
    'the path of a file, such as ".l402/client.json"',
  );
  // The program may change its folder later.
  const path = resolve(options.path);
  let known: { stamp: string; state: ClientState } | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** Differs after every change, as every change makes another file. */
  function stampOf(): string {
    try {
      const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
      return stats ? `${stats.ino} ${stats.mtimeNs} ${stats.size}` : "";
    } catch (error) {
      throw unusable(path, (error as NodeJS.ErrnoException).code);
    }
  }

  async function load(): Promise<ClientState> {
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return emptyState();
      throw unusable(path, (error as NodeJS.ErrnoException).code);
    }
    const state = parse(text);
    // Never begun anew: it may hold the only trace of a payment.
    if (!state) throw unusable(path, "not a client's state");
    return state;
  }

  async function change<Result>(work: (state: ClientState) => Result): Promise<Result> {
    const lock = await lockFile(path);
    try {
      const state = await load();
      const result = work(state);
      await write(lock.draft, JSON.stringify(state));
      if (await lock.isHeld()) {
        await rename(lock.draft, path);
        await syncFolder(path);
        known = { stamp: stampOf(), state };
        return result;
      }
    } catch (error) {
      await rm(lock.draft, { force: true });
      throw error instanceof Error && "syscall" in error
        ? unusable(path, (error as NodeJS.ErrnoException).code)
        : error;
    } finally {
      await lock.release();
    }
    await rm(lock.draft, { force: true });
    return change(work);
  }

  return {
    read() {
      const stamp = stampOf();
      if (known?.stamp === stamp) return known.state;
      return load().then((state) => {
        known = { stamp, state };
        return state;
      });
    },
    update(work) {
      const begin = async () => {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch((error) => {
          throw unusable(path, error.code);
        });
        return change(work);
      };
      const done = last.then(begin, begin);
      last = done.catch(() => {});
      return done;
    },
  };
}

function parse(text: string): ClientState | undefined {
  try {
    const state = JSON.parse(text) as ClientState;
    const { credentials, pending, spent } = state;
    const parts = [credentials, pending, spent.originsMsat, spent.minutesMsat];
    const isWhole = parts.every((part) => typeof part === "object" && part !== null);
    return state.version === 1 && isWhole && Number.isFinite(spent.totalMsat) ? state : undefined;
  } catch {
    return undefined;
  }
}

async function write(draft: string, text: string): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(draft, "wx", 0o600);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file?.close();
  }
}

/** Otherwise a power cut could undo the renaming. Not every system has this. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path)).catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

const unusable = (path: string, reason: string | undefined) =>
  new L402Error("STORE_UNAVAILABLE", `The file ${path} cannot be used${reason ? ` (${reason})` : ""}.`, {
    hint: "Check the path and its permissions. Do not delete the file: it may be the only trace of a payment.",
  });
