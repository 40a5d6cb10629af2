import { BACKENDS, type BackendEntry, OTHER_NAMES, type Variable } from "./backends.ts";
import { type Environment, givenNames, invalid, isOfX402, listed, refuseMisspelt, setting } from "./environment.ts";
import { nearestName } from "./nearest-name.ts";

export type Role = "provider" | "wallet";

/** The choice: a backend by name, or your own file. */
type Choice = { reason: string } & ({ name: string; file?: never } | { file: string; name?: never });

const SELECTORS = { provider: ["L402_PROVIDER"], wallet: ["L402_WALLET", "L402_PROVIDER"] } as const;
const EXAMPLES = {
  provider: { name: "lnd", fix: "L402_PROVIDER=lnd, LND_URL and LND_MACAROON" },
  wallet: {
    name: "alby",
    fix: "L402_WALLET=alby and ALBY_URL, the connection string of a Nostr Wallet Connect wallet",
  },
} as const;

/** What a role is called in messages. */
export const NOUNS = { provider: "backend", wallet: "wallet" } as const satisfies Record<Role, string>;

const namesFor = (role: Role): string[] => Object.keys(BACKENDS).filter((name) => BACKENDS[name]?.[role]);

export const variablesFor = ({ variables }: Pick<BackendEntry, "variables">, role: Role): [string, Variable][] =>
  Object.entries(variables).filter(([, variable]) => variable.role === undefined || variable.role === role);

export const missingVariables = (env: Environment, backend: BackendEntry, role: Role): string[] =>
  variablesFor(backend, role).flatMap(([name, { optional }]) => (optional || setting(env, name) ? [] : [name]));

/** Returns the backends whose settings are complete. */
export const completeBackends = (env: Environment, role: Role): string[] =>
  namesFor(role).filter((name) => missingVariables(env, BACKENDS[name] as BackendEntry, role).length === 0);

/** Chooses a backend by the name that is set. Without a name, chooses the only backend whose settings are complete. */
export function chooseBackend(env: Environment, role: Role): Choice {
  for (const selector of SELECTORS[role]) {
    const name = setting(env, selector);
    if (name === undefined) {
      refuseMisspeltSelector(env, selector);
      continue;
    }
    const reason = `${selector} names it`;
    if (isFile(name)) return { file: name, reason };
    if (!Object.hasOwn(BACKENDS, name)) throw unknownName(selector, name, role);
    if (!BACKENDS[name]?.[role]) throw noWallet(selector, name);
    return { name, reason };
  }
  const complete = completeBackends(env, role);
  const [only, ...others] = complete;
  const [selector] = SELECTORS[role];
  if (only === undefined) {
    const { name, fix } = EXAMPLES[role];
    const others = namesFor(role).filter((each) => each !== name);
    throw invalid(
      `No Lightning ${NOUNS[role]} is configured.`,
      `Set ${fix}. Other values of ${selector} are ${listed(others, "and")}.`,
    );
  }
  if (others.length > 0) {
    throw invalid(
      `The variables of ${listed(complete, "and")} are all set, so the Lightning ${NOUNS[role]} is ambiguous.`,
      `Set ${listed(complete.map((each) => `${selector}=${each}`))}.`,
    );
  }
  return { name: only, reason: "it is the only one whose variables are all set" };
}

/**
 * SECURITY: without its name, a wallet would be another one: the backend of L402_PROVIDER, with the shop's own money
 * (choose-backend.test.ts, "a misspelt name").
 */
function refuseMisspeltSelector(env: Environment, selector: string): void {
  const others = givenNames(env).filter((name) => name !== selector && !isOfX402(name));
  refuseMisspelt(nearestName(selector, others), selector);
}

/** True for `./wallet.mjs`, `/app/wallet.mjs`, `file:///app/wallet.mjs`, and `C:\wallet.mjs`. */
const isFile = (name: string) => /^(\.{0,2}[\\/]|file:|[a-z]:[\\/])/i.test(name);

/**
 * SECURITY: a value that does not look like a name is not repeated, because it may be a key in the wrong place
 * (config.secrets.test.ts, "put in the wrong place").
 */
function unknownName(selector: string, name: string, role: Role) {
  if (/^nostr\+walletconnect:/i.test(name)) {
    return invalid(
      `${selector} is set to a connection string, but takes the name of a backend.`,
      `Put the connection string into ALBY_URL, and set ${selector}=alby.`,
    );
  }
  const lower = name.toLowerCase();
  const meant = Object.hasOwn(OTHER_NAMES, lower) ? OTHER_NAMES[lower] : nearestName(name, namesFor(role));
  const shown = /^[a-z][a-z-]{0,19}$/i.test(name) ? `"${name}", which` : "a text that";
  return invalid(
    `${selector} is set to ${shown} is not the name of a supported ${NOUNS[role]}.`,
    meant
      ? `Did you mean ${selector}=${meant}?`
      : /\.[cm]?[jt]s$/i.test(name)
        ? `The path of a file must begin with ./ or /, such as ${selector}=./my-${role}.mjs.`
        : `Set ${selector} to ${listed(namesFor(role))}.`,
  );
}

const noWallet = (selector: string, name: string) =>
  invalid(
    `${name} cannot be used as a wallet: it does not return the preimage of a payment, which a buyer needs as proof.`,
    `Set L402_WALLET to ${listed(namesFor("wallet"))}.${selector === "L402_PROVIDER" ? ` For selling, L402_PROVIDER=${name} can stay.` : ""}`,
  );
