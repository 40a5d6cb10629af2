import { type ClientState, isSameThing, type Scope, type StoredCredential } from "./client-state.ts";
import { remember } from "./remember.ts";
import type { StateStore } from "./state-store.ts";
import { pause } from "./within.ts";

/** The cheapest go first, and of these the oldest; a seller that is never visited again costs nothing. */
const MAX_SCOPES = 1000;
const MAX_PER_SCOPE = 100;
/** How long what was paid for is kept for the request that paid: after that, its program is gone or slow. */
export const HOLD_MS = 10_000;
const PAUSE_MS = 100;
/** In place of the instant until which it is held: the seller refused it to the very request that paid for it. */
export const REFUSED = -1;

export type Credentials = ReturnType<typeof createCredentials>;

/** What was bought and is not used up. */
export function createCredentials(store: StateStore, now: () => number) {
  /** Requests under way, by payment hash: their uses are neither there nor gone. */
  const underWay = new Map<string, number>();
  /** What this process paid for. */
  const own = new Set<string>();

  const isUsable = (credential: StoredCredential) => {
    const { paymentHash, usesLeft } = credential;
    const isLeft = usesLeft === undefined || usesLeft > (underWay.get(paymentHash) ?? 0);
    return !isHeld(credential) && isLeft && isValid(credential, now());
  };

  const isHeld = ({ paymentHash, heldUntil = 0 }: StoredCredential) => heldUntil > now() && !own.has(paymentHash);

  function startUse(paymentHash: string): void {
    underWay.set(paymentHash, (underWay.get(paymentHash) ?? 0) + 1);
  }

  function take(credential: StoredCredential | undefined): StoredCredential | undefined {
    if (credential) startUse(credential.paymentHash);
    return credential;
  }

  function endUse(paymentHash: string): void {
    const left = (underWay.get(paymentHash) ?? 1) - 1;
    if (left > 0) underWay.set(paymentHash, left);
    else underWay.delete(paymentHash);
  }

  return {
    /** Takes a use of what is about to be paid for, so that nobody else does as soon as it is there. */
    startOwn(paymentHash: string): void {
      remember(own, paymentHash);
      startUse(paymentHash);
    },

    /** Takes a use of what was bought for exactly this. No promise where the store needs none: most requests are free. */
    take(key: string): StoredCredential | undefined | Promise<StoredCredential | undefined> {
      const find = (state: ClientState) => take(state.credentials[key]?.find(isUsable));
      const state = store.read();
      return "then" in state ? state.then(find) : find(state);
    },

    /** Takes a use of what was bought for the same, perhaps on another path, but for what was refused. */
    async takeSame(scope: Scope, refused: string | undefined): Promise<StoredCredential | undefined> {
      const all = Object.values((await store.read()).credentials).flat();
      return take(all.find((each) => isSameThing(each.scope, scope) && each.paymentHash !== refused && isUsable(each)));
    },

    /** Waits while another process has bought the same and not used it yet: there may be something left, or it has died. */
    async waitForOthers(scope: Scope): Promise<void> {
      const patienceEnds = performance.now() + HOLD_MS;
      while (performance.now() < patienceEnds) {
        const all = Object.values((await store.read()).credentials).flat();
        if (!all.some((each) => isSameThing(each.scope, scope) && isHeld(each))) return;
        await pause(PAUSE_MS);
      }
    },

    /** Takes a use of what was just found to be paid, if nobody else has. */
    takeThis: (credential: StoredCredential) => (isUsable(credential) ? take(credential) : undefined),

    /**
     * By anybody's books: whether the seller has accepted it, or never has, or owes more than that: it refused who paid for
     * this, or never accepted another one either that nobody waits for.
     */
    async standing({ scope, paymentHash, heldUntil }: StoredCredential): Promise<"accepted" | "new" | "owed"> {
      if (heldUntil === undefined) return "accepted";
      const list = ((await store.read()).credentials[scope.key] ?? []).filter((each) => each.heldUntil !== undefined);
      const found = list.find((each) => each.paymentHash === paymentHash);
      if (!found) return "accepted";
      const isOwed = (each: StoredCredential) =>
        each === found ? each.heldUntil === REFUSED : isValid(each, now()) && !underWay.has(each.paymentHash);
      return list.some(isOwed) ? "owed" : "new";
    },

    /** Takes a use of the next one for exactly this that was never accepted either. */
    async takeNext({ scope, paymentHash }: StoredCredential): Promise<StoredCredential | undefined> {
      const list = (await store.read()).credentials[scope.key] ?? [];
      const rest = list.slice(list.findIndex((each) => each.paymentHash === paymentHash) + 1);
      return take(rest.find((each) => each.heldUntil !== undefined && isUsable(each)));
    },

    /** Whether where this led before took money and refused what it sold. */
    async owes({ via }: Scope): Promise<StoredCredential | undefined> {
      const all = via === undefined ? [] : Object.values((await store.read()).credentials).flat();
      return all
        .filter((each) => each.scope.via === via && each.heldUntil !== undefined && isValid(each, now()))
        .find((each) => !isHeld(each) && !underWay.has(each.paymentHash));
    },

    /** Nothing was bought. */
    endUse,

    /** The request got nothing for the use: it can be used again, by anybody. */
    async giveBack(credential: StoredCredential, heldUntil = 0): Promise<void> {
      endUse(credential.paymentHash);
      if (heldUntil !== REFUSED && (credential.heldUntil ?? 0) <= now()) return;
      await store.update((state) =>
        removeUnless(state, credential, (found) => {
          if (found.heldUntil !== undefined) found.heldUntil = Math.min(found.heldUntil, heldUntil);
          return true;
        }),
      );
    },

    /** The seller accepted it. */
    async useUp(credential: StoredCredential): Promise<void> {
      const { paymentHash, usesLeft, heldUntil } = credential;
      try {
        if (usesLeft === undefined && heldUntil === undefined) return;
        await store.update((state) =>
          removeUnless(state, credential, (found) => {
            delete found.heldUntil;
            if (found.usesLeft === undefined) return true;
            return --found.usesLeft > 0;
          }),
        );
      } finally {
        endUse(paymentHash);
      }
    },

    /** The seller did not refuse it, and may have counted a use or not: the next request finds out. */
    async keep(credential: StoredCredential): Promise<void> {
      endUse(credential.paymentHash);
      if (credential.heldUntil === undefined) return;
      await store.update((state) =>
        removeUnless(state, credential, (found) => {
          delete found.heldUntil;
          return true;
        }),
      );
    },

    /** The seller accepted it once and refuses it now. */
    async drop(credential: StoredCredential): Promise<void> {
      endUse(credential.paymentHash);
      await store.update((state) => removeUnless(state, credential, () => false));
    },
  };
}

export const isValid = ({ validUntil }: StoredCredential, now: number) => validUntil === undefined || now < validUntil;

/** Writes down what a payment bought. */
export function addCredential(state: ClientState, credential: StoredCredential, now: number): void {
  const { credentials } = state;
  const { key } = credential.scope;
  const same = (credentials[key] ?? []).filter((each) => isValid(each, now));
  delete credentials[key]; // to the end
  credentials[key] = [...same, credential].slice(-MAX_PER_SCOPE);
  const others = Object.keys(credentials).slice(0, -1);
  if (others.length < MAX_SCOPES) return;
  // SECURITY: nobody pushes out what was dear by selling what is cheap (client.budget.test.ts, "cheap pages").
  const worth = (scope: string) =>
    Math.max(...(credentials[scope] ?? []).map((each) => (isValid(each, now) ? each.amountMsat : 0)));
  delete credentials[others.reduce((least, each) => (worth(each) < worth(least) ? each : least))];
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
