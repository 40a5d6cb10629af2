import { realpathSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Io } from "./io.ts";
import { usageError } from "./usage.ts";

/**
 * Throws where an argument names a file that the command itself relies on.
 *
 * SECURITY: whoever types the command may be an agent, and what it fetches is others': no answer becomes the memory of what
 * was spent, or the wallet, and nobody is sent what was bought (own-files.test.ts, "is neither written nor sent").
 */
export function checkNotOwn(path: string, statePath: string, { L402_WALLET, L402_PROVIDER }: Io["env"]): void {
  const own = [statePath, L402_WALLET, L402_PROVIDER].filter((each) => each && /[\\/.]/.test(each)) as string[];
  if (own.some((each) => isSameFile(path, each))) throw usageError(`${path} is a file of the command's own.`);
}

/**
 * Throws where --state would begin every limit anew.
 *
 * SECURITY: whoever set a limit in the environment set it for whoever types the command (own-files.test.ts, "another memory").
 */
export function checkState(path: string, own: string, env: Io["env"]): void {
  const limit = Object.keys(env).find((name) => /^L402_MAX_SATS_/i.test(name) && env[name]?.trim());
  if (limit && identityOf(path) !== identityOf(own)) {
    throw usageError(`--state can name no other file than ${own}, because ${limit} is set.`);
  }
}

/** Also by a link, in other letter case, or what is written beside it for a moment. */
function isSameFile(path: string, own: string): boolean {
  const [one, other] = [identityOf(path), identityOf(own)];
  if (one === other || one.startsWith(`${other}.`)) return true;
  const [first, second] = [path, own].map((each) => statSync(pathOf(each), { throwIfNoEntry: false }));
  return first !== undefined && first.dev === second?.dev && first.ino === second.ino;
}

const pathOf = (path: string): string => (path.startsWith("file:") ? fileURLToPath(path) : resolve(path));

function identityOf(given: string): string {
  const path = pathOf(given);
  try {
    return realpathSync(path).toLowerCase();
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(identityOf(parent), basename(path).toLowerCase());
  }
}
