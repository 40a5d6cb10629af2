import { BACKENDS, type BackendEntry } from "./backends.ts";
import { type Environment, invalid, misspelling, setting } from "./environment.ts";
import { loadPackage } from "./load-package.ts";

export type Role = "provider" | "wallet";

const SELECTOR = { provider: "L402_PROVIDER", wallet: "L402_WALLET" } as const;

export interface ConfigOptions {
  /** Told in a sentence what was chosen and why. It never hears a secret. */
  tell?(sentence: string): void;
}

/** Makes the provider or wallet that the settings describe. Throws CONFIG_INVALID with the exact fix. */
export async function makeBackend<Made>(env: Environment, role: Role, { tell }: ConfigOptions): Promise<Made> {
  const { name, reason } = choose(env, role);
  const backend = BACKENDS[name] as BackendEntry;
  const factory = role === "provider" ? backend.provider : backend.wallet;
  if (factory === undefined) {
    throw invalid(
      `${name} cannot be a wallet: it never shows the preimage, so nothing it pays for can be collected.`,
      `Set L402_WALLET to one of ${namesFor("wallet").join(", ")}.`,
    );
  }
  const options = readOptions(env, name, backend, role);
  const module = (await loadPackage(backend.package, backend.load)) as Record<string, (options: object) => Made>;
  const create = module[factory];
  if (!create) throw invalid(`This version of ${backend.package} has no ${factory}.`, `npm install ${backend.package}`);
  const made = create(options);
  tell?.(`${role === "provider" ? "Receiving" : "Paying"} with ${name}, because ${reason}.`);
  return made;
}

function choose(env: Environment, role: Role): { name: string; reason: string } {
  for (const selector of role === "wallet" ? [SELECTOR.wallet, SELECTOR.provider] : [SELECTOR.provider]) {
    const name = setting(env, selector);
    if (name === undefined) continue;
    if (!Object.hasOwn(BACKENDS, name)) {
      throw invalid(`${selector} is "${name}", which is no backend.`, `Use one of ${namesFor(role).join(", ")}.`);
    }
    return { name, reason: `${selector} says so` };
  }
  const complete = namesFor(role).filter((name) => missing(env, BACKENDS[name] as BackendEntry, role).length === 0);
  const [only, ...others] = complete;
  if (only === undefined) {
    throw invalid(`No Lightning backend is set.`, `Set ${SELECTOR[role]} to one of ${namesFor(role).join(", ")}.`);
  }
  if (others.length > 0) {
    throw invalid(
      `The settings of ${complete.join(" and ")} are all there.`,
      `Set ${SELECTOR[role]} to the one you mean.`,
    );
  }
  return { name: only, reason: `it is the only one whose settings are complete` };
}

const namesFor = (role: Role) =>
  Object.keys(BACKENDS).filter((name) => role === "provider" || BACKENDS[name]?.wallet !== undefined);

const variablesFor = ({ variables }: BackendEntry, role: Role) =>
  Object.entries(variables).filter(([, variable]) => variable.role === undefined || variable.role === role);

const missing = (env: Environment, backend: BackendEntry, role: Role) =>
  variablesFor(backend, role).flatMap(([name, { optional }]) => (optional || setting(env, name) ? [] : [name]));

function readOptions(env: Environment, name: string, backend: BackendEntry, role: Role): Record<string, unknown> {
  const absent = missing(env, backend, role);
  if (absent.length > 0) {
    const slips = absent.flatMap((wanted) => {
      const given = misspelling(env, wanted, Object.keys(backend.variables));
      return given ? [` ${given} is set: did you mean ${wanted}?`] : [];
    });
    throw invalid(`${name} needs ${absent.join(" and ")}.${slips.join("")}`, `Set ${absent.join(" and ")}.`);
  }
  const options: Record<string, unknown> = {};
  for (const [variable, { option, read }] of variablesFor(backend, role)) {
    const text = setting(env, variable);
    if (text !== undefined) options[option] = read ? read(text, variable) : text;
  }
  return options;
}
