import { readlinkSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Io } from "./io.ts";
import { usageError } from "./usage.ts";

/**
 * Throws if an argument names a file that the command itself relies on.
 *
 * SECURITY: the user of the command may be an agent, and the answers come from strangers. An answer must not overwrite
 * the state file or the wallet, and no server may be sent the credentials or the wallet's key (own-files.test.ts, "is
 * neither written nor sent").
 */
export function checkNotOwn(path: string, states: readonly string[], { L402_WALLET, L402_PROVIDER }: Io["env"]): void {
  const own = [...states, L402_WALLET?.trim(), L402_PROVIDER?.trim()].flatMap((each) =>
    each && /[\\/.]/.test(each) ? pathOf(each) : [],
  );
  const isEnvironment = /^\/proc\/.*\/environ$/.test(identityOf(path));
  if (isEnvironment || own.some((each) => isSameFile(path, each)))
    throw usageError(`l402 uses the file ${path} itself, so -o and -d cannot use it.`);
}

/**
 * Returns the file that --state stands for. Throws if that file would start every limit anew.
 *
 * SECURITY: with a limit in the environment, an agent that types the command must not choose another state file. So the
 * command opens its own file, and not the argument's spelling (own-files.test.ts, "another memory", "however it is
 * spelt").
 */
export function stateFileFor(path: string, own: string | undefined, env: Io["env"]): string {
  const limit = Object.keys(env).find((name) => /^L402_MAX_SATS_/i.test(name) && env[name]?.trim());
  if (!limit) return path;
  if (own === undefined) throw usageError(`Set L402_STATE to the path of a file, because ${limit} is set.`);
  if (identityOf(pathOf(path)) === identityOf(pathOf(own))) return own;
  throw usageError(
    `--state must be ${own}, because ${limit} is set. With another file, that limit would start from zero.`,
  );
}

/** True if a path leads to an own file, also by a link or in other letter case, or to a temporary file beside it. */
function isSameFile(path: string, own: string): boolean {
  const [one, other] = [identityOf(path), identityOf(own)];
  if (one === other || one.startsWith(`${other}.`)) return true;
  const [first, second] = [path, own].map((each) => orUndefined(() => statSync(each)));
  return first !== undefined && first.dev === second?.dev && first.ino === second.ino;
}

const pathOf = (path: string): string => (path.startsWith("file:") ? fileURLToPath(path) : resolve(path));

/**
 * Gives all paths that may lead to the same file one name, even if the file does not exist. The system reads `link/..`
 * as the folder around the link's target, so the path is not shortened before links are followed.
 */
function identityOf(path: string, links = 0): string {
  const real = orUndefined(() => realpathSync.native(path));
  if (real !== undefined) return sameCase(real);
  // A link to a missing file is followed too, but not in endless circles.
  const target = links < 40 ? orUndefined(() => readlinkSync(path)) : undefined;
  const parent = dirname(path);
  if (target !== undefined) return identityOf(isAbsolute(target) ? target : `${parent}/${target}`, links + 1);
  return parent === path ? path : join(identityOf(parent, links), sameCase(basename(path)));
}

/** Ignores letter case, and dots and spaces at the end, which Windows drops. */
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
