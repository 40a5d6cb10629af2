import { statSync } from "node:fs";
import { type FileHandle, mkdir, open, readFile, readlink, realpath, rename, rm } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { type ClientStore, checkOption, L402Error, refuseUnknownOptions } from "@l402/core";
import { lockFile } from "./lock-file.ts";

/**
 * Keeps credentials, payments and spending in a file that only its owner can read. Several processes may share it, and
 * then they share one budget.
 *
 * SECURITY: a program that can read the file can use the credentials, so its mode is 0600 (file-client-store.test.ts).
 */
export function createFileClientStore(options: { path: string }): ClientStore {
  refuseUnknownOptions("createFileClientStore", options, ["path"]);
  checkOption(
    typeof options.path === "string" && options.path !== "" && !/^~[\\/]/.test(options.path),
    "createFileClientStore: path",
    'the path of a file, such as ".l402/client.json", and without ~, which only a shell understands',
  );
  // The program may change its working directory later.
  const path = resolve(options.path);
  let known: { stamp: string; text: string | undefined } | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** A text that differs after every change, because every change replaces the file. */
  function stampOf(): string {
    try {
      const stats = statSync(path, { throwIfNoEntry: false, bigint: true });
      return stats ? `${stats.ino} ${stats.mtimeNs} ${stats.size}` : "";
    } catch (error) {
      throw unusable(path, (error as NodeJS.ErrnoException).code);
    }
  }

  async function load(): Promise<string | undefined> {
    try {
      return await readFile(path, "utf8");
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") return undefined;
      throw unusable(path, code);
    }
  }

  async function replace(change: (text: string | undefined) => string): Promise<void> {
    for (;;) {
      const file = await fileAt(path);
      const lock = await lockFile(file);
      try {
        const before = await load();
        const text = change(before);
        if (text === before) return;
        await write(lock.draft, text);
        if (await lock.isHeld()) {
          await rename(lock.draft, file);
          await syncFolder(file);
          known = { stamp: stampOf(), text };
          return;
        }
      } finally {
        await rm(lock.draft, { force: true });
        await lock.release();
      }
    }
  }

  return {
    read() {
      const stamp = stampOf();
      if (known?.stamp === stamp) return known.text;
      return load().then((text) => {
        known = { stamp, text };
        return text;
      });
    },
    update(change) {
      const begin = async () => {
        try {
          await mkdir(dirname(path), { recursive: true, mode: 0o700 });
          await replace(change);
        } catch (error) {
          throw error instanceof Error && "syscall" in error
            ? unusable(path, (error as NodeJS.ErrnoException).code)
            : error;
        }
      };
      const done = last.then(begin, begin);
      last = done.catch(() => {});
      return done;
    },
  };
}

/**
 * Follows links to the real path, also if there is no file yet.
 *
 * SECURITY: a file with two names has one lock, and so holds one budget (file-client-store.test.ts, "by whatever
 * link").
 */
async function fileAt(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const folder = dirname(path);
    const target = await readlink(path).catch(() => undefined);
    if (target === undefined) return join(await realpath(folder), basename(path));
    // The system follows each link before it reads "..", so the path is not shortened as text.
    return fileAt(isAbsolute(target) ? target : `${folder}/${target}`);
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

/** Makes the renaming survive a power cut. Not every system can do it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path)).catch(() => undefined);
  await folder?.sync().catch(() => {});
  await folder?.close();
}

const unusable = (path: string, reason: string | undefined) =>
  new L402Error("STORE_UNAVAILABLE", `The file ${path} cannot be used${reason ? ` (${reason})` : ""}.`, {
    hint: "Check the path and its permissions. Do not delete the file: it may be the only trace of a payment.",
  });
