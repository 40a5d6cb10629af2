import { isL402Error } from "@l402/core";
import { BACKENDS, type BackendEntry } from "./backends.ts";
import { chooseBackend, completeBackends, missingVariables, NOUNS, type Role, variablesFor } from "./choose-backend.ts";
import {
  type ConfigOptions,
  type Environment,
  givenNames,
  invalid,
  listed,
  refuseMisspelt,
  setting,
} from "./environment.ts";
import { importFile } from "./import-file.ts";
import { importPackage } from "./import-package.ts";
import { errorInVariables } from "./in-variables.ts";
import { nearestName } from "./nearest-name.ts";

type Factory<Made> = (options: object) => Made;

/** Creates the provider or wallet that the settings describe. Throws CONFIG_INVALID with the exact fix. */
export async function makeBackend<Made>(env: Environment, role: Role, { tell }: ConfigOptions): Promise<Made> {
  const { name, file, reason } = chooseBackend(env, role);
  const made = file === undefined ? await fromPackage<Made>(env, role, name) : await importFile<Made>(file, role);
  tell?.(`The Lightning ${NOUNS[role]} is ${name ?? file}, because ${reason}.`);
  return made;
}

async function fromPackage<Made>(env: Environment, role: Role, name: string): Promise<Made> {
  const backend = BACKENDS[name] as BackendEntry;
  const options = readOptions(env, name, backend, role);
  const { package: from, install = from } = backend;
  const create = (await importPackage(from, install))[backend[role] as string];
  if (typeof create !== "function") {
    throw invalid(`The installed version of ${from} has no ${backend[role]}.`, `Run: npm install ${from}@latest`);
  }
  try {
    return (create as Factory<Made>)(options);
  } catch (error) {
    throw isL402Error(error) ? errorInVariables(error, backend, role) : error;
  }
}

function readOptions(env: Environment, name: string, backend: BackendEntry, role: Role): Record<string, unknown> {
  const absent = missingVariables(env, backend, role);
  if (absent.length > 0) {
    const slips = absent.flatMap((wanted) => {
      const given = misspelling(givenNames(env), wanted);
      return given ? [` ${given} is set. Did you mean ${wanted}?`] : [];
    });
    const others = completeBackends(env, role).filter((other) => other !== name);
    const other = others.length > 0 ? ` Or use ${listed(others)}, whose variables are all set.` : "";
    const verb = absent.length > 1 ? "are" : "is";
    throw invalid(
      `${name} needs ${listed(absent, "and")}, which ${verb} not set.${slips.join("")}`,
      `Set ${listed(absent, "and")}.${other}`,
    );
  }
  const options: Record<string, unknown> = {};
  for (const [variable, { option, read }] of variablesFor(backend, role)) {
    const text = setting(env, variable);
    if (text !== undefined) options[option] = read ? read(text, variable) : text;
    else refuseMisspeltVariable(env, variable);
  }
  return options;
}

/**
 * SECURITY: an optional setting may guard the goods, such as BTCPAY_PREIMAGE_PROVES_PAYMENT=false, so a misspelt one is
 * not passed over (choose-backend.test.ts, "a misspelt optional"). Other programs have names of their own: only those
 * that begin with the backend's name count.
 */
function refuseMisspeltVariable(env: Environment, wanted: string): void {
  const prefix = wanted.slice(0, wanted.indexOf("_") + 1);
  const own = givenNames(env).filter((name) => name.toUpperCase().startsWith(prefix));
  refuseMisspelt(misspelling(own, wanted), wanted);
}

const KNOWN = new Set(Object.values(BACKENDS).flatMap(({ variables }) => Object.keys(variables)));

/** Finds a name that is nearly the wanted one, and that no backend reads. */
function misspelling(names: readonly string[], wanted: string): string | undefined {
  const unread = names.filter((name) => !KNOWN.has(name));
  return nearestName(wanted, unread) ?? unread.find((name) => name.startsWith(`${wanted}_`));
}
