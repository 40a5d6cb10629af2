import { type ClientState, isSameThing, type Scope, type StoredCredential } from "./client-state.ts";
import type { StateStore } from "./state-store.ts";

/** Old ones go first; a seller that is never visited again costs nothing. */
const MAX_SCOPES = 10_000;

export type Credentials = ReturnType<typeof createCredentials>;

/** What was bought and is not used up. */
export function createCredentials(store: StateStore, now: () => number) {
  /** Requests under way, by payment hash: their uses are neither there nor gone. */
  const underWay = new Map<string, number>();

  const isUsable = (credential: StoredCredential) => {
    const { paymentHash, usesLeft } = credential;
    return isValid(credential, now()) && (usesLeft === undefined || usesLeft > (underWay.get(paymentHash) ?? 0));
  };

  function startUse({ paymentHash }: StoredCredential): void {
    underWay.set(paymentHash, (underWay.get(paymentHash) ?? 0) + 1);
  }

  function take(credential: StoredCredential | undefined): StoredCredential | undefined {
    if (credential) startUse(credential);
    return credential;
  }

  function endUse({ paymentHash }: StoredCredential): void {
    const left = (underWay.get(paymentHash) ?? 1) - 1;
    if (left > 0) underWay.set(paymentHash, left);
    else underWay.delete(paymentHash);
  }

  return {
    /** Takes a use of what was just bought. */
    startUse,

    /** Takes a use of what was bought for exactly this. No promise where the store needs none: most requests are free. */
    take(key: string): StoredCredential | undefined | Promise<StoredCredential | undefined> {
      const find = (state: ClientState) => take(state.credentials[key]?.find(isUsable));
      const state = store.read();
      return "then" in state ? state.then(find) : find(state);
    },

    /** Takes a use of what was bought for the same, perhaps on another path; nothing that was tried. */
    async takeSame(scope: Scope, tried: ReadonlySet<string>): Promise<StoredCredential | undefined> {
      const all = Object.values((await store.read()).credentials).flat();
      return take(all.find((each) => isSameThing(each.scope, scope) && !tried.has(each.paymentHash) && isUsable(each)));
    },

    /** The request got nothing for the use: it can be used again. */
    giveBack: endUse,

    /** The seller accepted it. */
    async useUp(credential: StoredCredential): Promise<void> {
      try {
        if (credential.usesLeft === undefined) return;
        await store.update((state) =>
          removeUnless(state, credential, (found) => {
            found.usesLeft = (found.usesLeft ?? 1) - 1;
            return found.usesLeft > 0;
          }),
        );
      } finally {
        endUse(credential);
      }
    },

    /** The seller refused it. */
    async drop(credential: StoredCredential): Promise<void> {
      endUse(credential);
      await store.update((state) => removeUnless(state, credential, () => false));
    },

    async forget(origin: string | undefined): Promise<number> {
      return store.update((state) => {
        let count = 0;
        for (const [key, list] of Object.entries(state.credentials)) {
          if (origin !== undefined && list[0]?.scope.origin !== origin) continue;
          count += list.length;
          delete state.credentials[key];
        }
        return count;
      });
    },
  };
}

export const isValid = ({ validUntil }: StoredCredential, now: number) => validUntil === undefined || now < validUntil;

/** Writes down what a payment bought. */
export function addCredential(state: ClientState, credential: StoredCredential, now: number): void {
  const { credentials } = state;
  const { key } = credential.scope;
  const others = (credentials[key] ?? []).filter((each) => isValid(each, now));
  delete credentials[key]; // to the end
  credentials[key] = [...others, credential];
  const keys = Object.keys(credentials);
  if (keys.length > MAX_SCOPES) delete credentials[keys[0] as string];
}

function removeUnless(
  state: ClientState,
  { scope, paymentHash }: StoredCredential,
  keep: (found: StoredCredential) => boolean,
): void {
  const list = state.credentials[scope.key];
  if (!list) return;
  const rest = list.filter((each) => each.paymentHash !== paymentHash || keep(each));
  if (rest.length > 0) state.credentials[scope.key] = rest;
  else delete state.credentials[scope.key];
}
