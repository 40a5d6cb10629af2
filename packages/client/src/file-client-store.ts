import { randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
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
  const { path } = options;
  checkOption(typeof path === "string" && path !== "", "path", 'the path of a file, such as ".l402/client.json"');
  let known: ClientState | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function load(): Promise<ClientState> {
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return emptyState();
      throw unusable(path, (error as NodeJS.ErrnoException).code);
    }
    try {
      const state = JSON.parse(text) as ClientState;
      if (state.version === 1 && state.pending && state.credentials && state.spent) return state;
    } catch {}
    // Never begun anew: it may hold the only trace of a payment.
    throw unusable(path, "not a client's state");
  }

  async function save(state: ClientState): Promise<void> {
    const draft = `${path}.${randomUUID()}`;
    let file: FileHandle | undefined;
    try {
      file = await open(draft, "wx", 0o600);
      await file.writeFile(JSON.stringify(state));
      await file.sync();
      await file.close();
      await rename(draft, path);
    } catch (error) {
      await file?.close().catch(() => {});
      await rm(draft, { force: true });
      throw unusable(path, (error as NodeJS.ErrnoException).code);
    }
  }

  return {
    async read() {
      known ??= await load();
      return known;
    },
    update(change) {
      const work = async () => {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 });
        const unlock = await lockFile(`${path}.lock`);
        try {
          const state = await load();
          const result = change(state);
          await save(state);
          known = state;
          return result;
        } finally {
          await unlock();
        }
      };
      const done = last.then(work, work);
      last = done.catch(() => {});
      return done;
    },
  };
}

const unusable = (path: string, reason: string | undefined) =>
  new L402Error("STORE_UNAVAILABLE", `The file ${path} cannot be used${reason ? ` (${reason})` : ""}.`, {
    hint: "Check the path and its permissions. Do not delete the file: it may be the only trace of a payment.",
  });
