import { type Environment, invalid, setting } from "./environment.ts";

/** Reads `L402_STATE`, the path of the file where a buyer's purchases and spending are kept. */
export function statePathFrom(env: Environment): string | undefined {
  const path = setting(env, "L402_STATE");
  if (path !== undefined && /^~[\\/]/.test(path))
    throw invalid("L402_STATE begins with ~, which only a shell understands.", "Set L402_STATE to the whole path.");
  return path;
}
