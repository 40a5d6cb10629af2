import { type ClientState, isSameThing, type Scope, type StoredCredential, type Unaccepted } from "./client-state.ts";
import { remember } from "./remember.ts";
import type { StateStore } from "./state-store.ts";
import { pause } from "./within.ts";

/** How long what was paid for is kept for the request that paid: after that, its program is gone or slow. */
export const HOLD_MS = 10_000;
const PAUSE_MS = 100;
/** Clocks of computers that share a store may differ by two minutes; what is held for longer was paid by a wrong one. */
const MOST_HELD_MS = HOLD_MS + 120_000;

const ACCEPTED = { unaccepted: undefined, heldUntil: undefined };

export type Credentials = ReturnType<typeof createCredentials>;

/** What was bought and is not used up. */
export function createCredentials(store: StateStore, now: () => number) {
  /** Requests under way, by payment hash: their uses are neither there nor gone. */
  const usesTaken = new Map<string, number>();
  /** What this process paid for. */
  const own = new Set<string>();

  const isUsable = (credential: StoredCredential) => {
    const { paymentHash, usesLeft } = credential;
    const isLeft = usesLeft === undefined || usesLeft > (usesTaken.get(paymentHash) ?? 0);
    return !isHeld(credential) && isLeft && isValid(credential, now());
  };

  function isHeld({ paymentHash, heldUntil = 0 }: StoredCredential): boolean {
    const heldMs = heldUntil - now();
    return heldMs > 0 && heldMs <= MOST_HELD_MS && !own.has(paymentHash);
  }

  const readAll = async () => Object.values((await store.read()).credentials).flat();

  function countUse(paymentHash: string, by: 1 | -1): void {
    const count = (usesTaken.get(paymentHash) ?? 0) + by;
    if (count > 0) usesTaken.set(paymentHash, count);
    else usesTaken.delete(paymentHash);
  }

  const endUse = (paymentHash: string) => countUse(paymentHash, -1);

  function take(credential: StoredCredential | undefined): StoredCredential | undefined {
    if (credential) countUse(credential.paymentHash, 1);
    return credential;
  }

  /** Whether it was never accepted, and nobody waits for that. */
  const isOwing = (credential: StoredCredential) =>
    !!credential.unaccepted &&
    isValid(credential, now()) &&
    !isHeld(credential) &&
    !usesTaken.has(credential.paymentHash);

  /** Ends a use, and writes down what that leaves of the credential and of the others for the same. */
  const settle = (
    { scope: { key }, paymentHash }: StoredCredential,
    isLeft: (each: StoredCredential, isIt: boolean) => boolean,
  ): Promise<void> =>
    store
      .update(({ credentials }) => {
        const rest = (credentials[key] ?? []).filter((each) => isLeft(each, each.paymentHash === paymentHash));
        if (rest.length > 0) credentials[key] = rest;
        else delete credentials[key];
      })
      .finally(() => endUse(paymentHash));

  return {
    /** Takes a use of what is about to be paid for, so that nobody else does as soon as it is there. */
    startOwn(paymentHash: string): void {
      remember(own, paymentHash);
      countUse(paymentHash, 1);
    },

    /** Takes a use of what was bought for exactly this. No promise where the store needs none: most requests are free. */
    takeForPath(key: string): StoredCredential | undefined | Promise<StoredCredential | undefined> {
      const find = (state: ClientState) => take(state.credentials[key]?.find(isUsable));
      const state = store.read();
      return "then" in state ? state.then(find) : find(state);
    },

    /** Takes a use of what was bought for the same, perhaps on another path, but for what was refused. */
    async takeForResource(scope: Scope, refused: string | undefined): Promise<StoredCredential | undefined> {
      const all = await readAll();
      return take(all.find((each) => isSameThing(each.scope, scope) && each.paymentHash !== refused && isUsable(each)));
    },

    /** Waits while another process has bought the same and not used it yet: there may be something left, or it has died. */
    async waitForOthers(scope: Scope): Promise<void> {
      const patienceEnds = performance.now() + HOLD_MS;
      while (performance.now() < patienceEnds) {
        const all = await readAll();
        if (!all.some((each) => isSameThing(each.scope, scope) && isHeld(each))) return;
        await pause(PAUSE_MS);
      }
    },

    /** Takes a use of what was just found to be paid, if nobody else has. */
    takeIfFree: (credential: StoredCredential) => (isUsable(credential) ? take(credential) : undefined),

    /** By anybody's books. */
    async standing({ scope, paymentHash }: StoredCredential): Promise<Standing> {
      const list = (await store.read()).credentials[scope.key] ?? [];
      const { unaccepted, afterLoss } = list.find((each) => each.paymentHash === paymentHash) ?? {};
      if (!unaccepted) return {};
      return {
        isNew: true,
        isOwed: unaccepted === "refused" || afterLoss || list.some(isOwing),
        isLost: unaccepted === "sent" && !afterLoss,
      };
    },

    /** Takes a use of the next one for exactly this that was never accepted either. */
    async takeNextUnaccepted({ scope, paymentHash }: StoredCredential): Promise<StoredCredential | undefined> {
      const list = (await store.read()).credentials[scope.key] ?? [];
      const rest = list.slice(list.findIndex((each) => each.paymentHash === paymentHash) + 1);
      return take(rest.find((each) => each.unaccepted && isUsable(each)));
    },

    /** Whether where this led before took money and refused what it sold. */
    async owes({ via }: Scope): Promise<StoredCredential | undefined> {
      return (await readAll()).find((each) => via !== undefined && each.scope.via === via && isOwing(each));
    },

    /** Nothing was bought. */
    endUse,

    /** The request got nothing for the use, as far as is known: the credential can be shown again, by anybody. */
    async giveBack(credential: StoredCredential, became: Unaccepted = "unserved"): Promise<void> {
      const { paymentHash, unaccepted, heldUntil = 0 } = credential;
      // If an answer was lost, that stays open, whatever another request gets.
      if (!unaccepted || (became === "unserved" && heldUntil <= now())) return endUse(paymentHash);
      return settle(credential, (each, isIt) => {
        const isOpen = isIt && each.unaccepted && each.unaccepted !== "refused";
        if (isOpen) Object.assign(each, ACCEPTED, { unaccepted: became });
        return true;
      });
    },

    /** The seller accepted it. Whether it counted no use is found out by the next request. */
    async useUp(credential: StoredCredential, uses = 1): Promise<void> {
      const { usesLeft, unaccepted } = credential;
      if ((usesLeft === undefined || uses === 0) && !unaccepted) return endUse(credential.paymentHash);
      return settle(credential, (each, isIt) => {
        // With what was lost before, it is all right now.
        delete each.afterLoss;
        if (!isIt) return each.usesLeft !== 0;
        Object.assign(each, ACCEPTED);
        if (each.usesLeft === undefined) return true;
        each.usesLeft -= uses;
        return each.usesLeft > 0;
      });
    },

    /** It was used up by a request whose answer was lost. */
    writeOff: (credential: StoredCredential): Promise<void> =>
      settle(credential, (each, isIt) => {
        if (isIt) Object.assign(each, ACCEPTED, { usesLeft: 0 });
        return true;
      }),

    /** The seller accepted it once and refuses it now. */
    drop: (credential: StoredCredential): Promise<void> => settle(credential, (_, isIt) => !isIt),
  };
}

/** How a seller stands to a credential. */
export interface Standing {
  /** It never accepted it. */
  isNew?: boolean;
  /** It owes more than that: it refused who paid for this, or never accepted another one either that nobody waits for. */
  isOwed?: boolean | undefined;
  /** It may have accepted it without anybody's hearing of it. */
  isLost?: boolean;
}

export const isValid = ({ validUntil }: StoredCredential, now: number) => validUntil === undefined || now < validUntil;
