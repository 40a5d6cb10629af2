import type { L402Error } from "@l402/core";
import { BACKENDS, type BackendEntry } from "./backends.ts";
import { chooseBackend, type Role, variablesFor } from "./choose-backend.ts";
import { type Environment, invalid } from "./environment.ts";

/** Rewrites an error that names a factory's options so that it names the variables which the user has set. */
export function errorInVariables(error: L402Error, backend: BackendEntry, role: Role): L402Error {
  const [, told = ""] = /^[\w ]+: (.*)$/s.exec(error.message) ?? [];
  const variables = variablesFor(backend, role);
  const [first] = variables.find(([, { option }]) => new RegExp(`^${option}\\b`).test(told)) ?? [];
  if (first === undefined) return error;
  const message = variables.reduce((text, [name, { option }]) => {
    // Options such as "url" are also ordinary words. For those, only the first word is certain to be the option.
    return text.replace(new RegExp(/[A-Z]/.test(option) ? `\\b${option}\\b` : `^${option}\\b`, "g"), name);
  }, told);
  return invalid(message, `Correct ${first}.`);
}

/** Rewrites a backend's advice, such as "Check url.", so that it names the variables of the chosen backend. */
export function hintInVariables(hint: string, env: Environment, role: Role): string {
  return variablesFor(chosenBackend(env, role), role).reduce((text, [name, { option }]) => {
    // For a backend that has only an address, the word "url" means that address. An option that is also an ordinary
    // word is replaced only after the factory's name.
    const called = option === "address" ? "url" : option;
    const isName = called === "url" || /[A-Z]/.test(called);
    return text.replace(new RegExp(isName ? `\\b${called}\\b` : `create\\w+'s ${called}\\b`, "g"), name);
  }, hint);
}

function chosenBackend(env: Environment, role: Role): Pick<BackendEntry, "variables"> {
  try {
    const { name } = chooseBackend(env, role);
    return (name !== undefined && BACKENDS[name]) || { variables: {} };
  } catch {
    return { variables: {} };
  }
}
