import type { L402Error } from "@l402/core";
import { BACKENDS, type BackendEntry } from "./backends.ts";
import { chooseBackend, type Role, variablesFor } from "./choose-backend.ts";
import { type Environment, invalid } from "./environment.ts";

/** A factory speaks of its options; who sets variables wants to hear about those. */
export function errorInVariables(error: L402Error, backend: BackendEntry, role: Role): L402Error {
  const [, told = ""] = /^[\w ]+: (.*)$/s.exec(error.message) ?? [];
  const variables = variablesFor(backend, role);
  const [first] = variables.find(([, { option }]) => new RegExp(`^${option}\\b`).test(told)) ?? [];
  if (first === undefined) return error;
  const message = variables.reduce((text, [name, { option }]) => {
    // "url" and its like are also words; of those only the first is surely the option.
    return text.replace(new RegExp(/[A-Z]/.test(option) ? `\\b${option}\\b` : `^${option}\\b`, "g"), name);
  }, told);
  return invalid(message, `Correct ${first}.`);
}

/** What a backend says to do, such as "Check url.", with the variables of the one that is chosen. */
export function hintInVariables(hint: string, env: Environment, role: Role): string {
  return variablesFor(chosenBackend(env, role), role).reduce((text, [name, { option }]) => {
    // Where there is only an address, that is where it is reached. What is also a word is an option where it is called one.
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
