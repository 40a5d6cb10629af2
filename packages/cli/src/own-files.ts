import { readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Io } from "./io.ts";
import { usageError } from "./usage.ts";

/**
 * Throws where an argument names a file that the command itself relies on.
 *
 * SECURITY: whoever types the command may be an agent, and what it fetches is others': no answer becomes the memory of what
 * was spent, or the wallet, and nobody is sent what was bought, or the wallet's key (own-files.test.ts, "is neither written
 * nor sent").
 */
export function checkNotOwn(path: string, states: readonly string[], { L402_WALLET, L402_PROVIDER }: Io["env"]): void {
  const own = [...states, L402_WALLET, L402_PROVIDER].flatMap((each) =>
    each && /[\\/.]/.test(each) ? pathOf(each) : [],
  );
  const isEnvironment = /^\/proc\/.*\/environ$/.test(identityOf(path));
  if (isEnvironment || own.some((each) => isSameFile(path, each)))
    throw usageError(`${path} is a file of the command's own.`);
}

/**
 * Answers the file that --state stands for. Throws where it would begin every limit anew.
 *
 * SECURITY: whoever set a limit in the environment set it for whoever types the command, so that there the one own file is
 * opened, and not what an argument calls it (own-files.test.ts, "another memory", "however it is spelt").
 */
export function stateFileFor(path: string, own: string, env: Io["env"]): string {
  const limit = Object.keys(env).find((name) => /^L402_MAX_SATS_/i.test(name) && env[name]?.trim());
  if (!limit) return path;
  if (identityOf(pathOf(path)) === identityOf(pathOf(own))) return own;
  throw usageError(`--state can name no other file than ${own}, because ${limit} is set.`);
}

/** Also by a link, in other letter case, or what is written beside it for a moment. */
function isSameFile(path: string, own: string): boolean {
  const [one, other] = [identityOf(path), identityOf(own)];
  if (one === other || one.startsWith(`${other}.`)) return true;
  const [first, second] = [path, own].map((each) => orUndefined(() => statSync(each)));
  return first !== undefined && first.dev === second?.dev && first.ino === second.ino;
}

const pathOf = (path: string): string => (path.startsWith("file:") ? fileURLToPath(path) : resolve(path));

/**
 * One name for all that may lead to the same file, whether it is there or not. The system reads `link/..` as the folder around
 * what the link leads to, so that nothing is shortened before it.
 */
function identityOf(path: string, links = 0): string {
  const real = orUndefined(() => realpathSync.native(path));
  if (real !== undefined) return sameCase(real);
  // One that leads nowhere yet is followed, though not round in circles.
  const target = links < 40 ? orUndefined(() => readlinkSync(path)) : undefined;
  const parent = dirname(path);
  if (target !== undefined) return identityOf(isAbsolute(target) ? target : `${parent}/${target}`, links + 1);
  return parent === path ? path : join(identityOf(parent, links), sameCase(basename(path)));
}

/** Windows takes no dots and spaces at the end. */
const sameCase = (path: string) =>
  path
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[. ]+$/, "");

function orUndefined<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
