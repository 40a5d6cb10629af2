import type { ClientState, ClientStore, Scope, StoredCredential } from "./client-state.ts";

/** Old ones go first; a seller that is never visited again costs nothing. */
const MAX_SCOPES = 10_000;

export type Credentials = ReturnType<typeof createCredentials>;

/** What was bought and is not used up. */
export function createCredentials(store: ClientStore, now: () => number) {
  /** Requests under way, by payment hash: their uses are neither there nor gone. */
  const underWay = new Map<string, number>();

  const isUsable = ({ paymentHash, usesLeft, validUntil }: StoredCredential) =>
    (usesLeft === undefined || usesLeft > (underWay.get(paymentHash) ?? 0)) &&
    (validUntil === undefined || now() < validUntil);

  function take(credential: StoredCredential | undefined): StoredCredential | undefined {
    if (credential) underWay.set(credential.paymentHash, (underWay.get(credential.paymentHash) ?? 0) + 1);
    return credential;
  }

  function endUse({ paymentHash }: StoredCredential): void {
    const left = (underWay.get(paymentHash) ?? 1) - 1;
    if (left > 0) underWay.set(paymentHash, left);
    else underWay.delete(paymentHash);
  }

  const change = (credential: StoredCredential, keep: (found: StoredCredential) => boolean) =>
    store.update((state) => removeUnless(state, credential, keep));

  return {
    /** Takes a use of what was just bought. */
    startUse: (credential: StoredCredential) => void take(credential),

    /** Takes a use of what was bought for exactly this. No promise where the store needs none: most requests are free. */
    take(key: string): StoredCredential | undefined | Promise<StoredCredential | undefined> {
      const find = (state: ClientState) => take(state.credentials[key]?.find(isUsable));
      const state = store.read();
      return "then" in state ? state.then(find) : find(state);
    },

    /** Takes a use of what was bought elsewhere at the same origin, under the same name. */
    async takeByResource({ origin, resource }: Scope): Promise<StoredCredential | undefined> {
      if (resource === undefined) return undefined;
      const { credentials } = await store.read();
      const all = Object.values(credentials).flat();
      return take(
        all.find((each) => each.scope.origin === origin && each.scope.resource === resource && isUsable(each)),
      );
    },

    /** The request got nothing for the use: it can be used again. */
    giveBack: endUse,

    async useUp(credential: StoredCredential): Promise<void> {
      try {
        if (credential.usesLeft !== undefined) {
          await change(credential, (found) => found.usesLeft === undefined || --found.usesLeft > 0);
        }
      } finally {
        endUse(credential);
      }
    },

    /** The seller refused it. */
    async drop(credential: StoredCredential): Promise<void> {
      endUse(credential);
      await change(credential, () => false);
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

/** Writes down what a payment bought. */
export function addCredential(state: ClientState, credential: StoredCredential): void {
  const { credentials } = state;
  const { key } = credential.scope;
  const list = (credentials[key] ?? []).filter(({ paymentHash }) => paymentHash !== credential.paymentHash);
  delete credentials[key]; // to the end
  credentials[key] = [...list, credential];
  const keys = Object.keys(credentials);
  if (keys.length > MAX_SCOPES) delete credentials[keys[0] as string];
}

function removeUnless(
  state: ClientState,
  { scope, paymentHash }: StoredCredential,
  keep: (c: StoredCredential) => boolean,
) {
  const list = state.credentials[scope.key];
  if (!list) return;
  const rest = list.filter((each) => each.paymentHash !== paymentHash || keep(each));
  if (rest.length > 0) state.credentials[scope.key] = rest;
  else delete state.credentials[scope.key];
}
