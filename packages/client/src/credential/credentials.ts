import type { ClientSettings } from "../client-options.ts";
import { isSameThing, isValid, type Scope, type StoredCredential } from "../state/client-state.ts";
import { pause } from "../within.ts";
import type { Standing } from "./judge-refusal.ts";
import { afterUse, changesNothing, type UseEnd } from "./use-ends.ts";

/** How long a new credential is held for the request that paid. After that, the paying program is gone or slow. */
export const HOLD_MS = 10_000;
const PAUSE_MS = 100;
/** Computers that share a store may have clocks two minutes apart. A longer hold comes from a wrong clock: ignored. */
const MOST_HELD_MS = HOLD_MS + 120_000;

export type Credentials = ReturnType<typeof createCredentials>;

interface Next {
  /** The payment hashes of the credentials that the seller has refused. */
  shown: ReadonlySet<string>;
  resource: string | undefined;
  isOwed: boolean;
}

/** Gives out uses of stored credentials, and writes down what became of them. */
export function createCredentials({ store, owner, now, report }: ClientSettings) {
  /** By payment hash: the uses taken by requests that have no answer yet. They are neither available nor used up. */
  const usesTaken = new Map<string, number>();

  const isUsable = (credential: StoredCredential) => {
    const { paymentHash, usesLeft } = credential;
    const isLeft = usesLeft === undefined || usesLeft > (usesTaken.get(paymentHash) ?? 0);
    return !isHeld(credential) && isLeft && isValid(credential, now());
  };

  const isHeld = (credential: StoredCredential) => {
    const heldMs = (credential.heldUntil ?? 0) - now();
    return heldMs > 0 && heldMs <= MOST_HELD_MS && credential.owner !== owner;
  };

  const readAll = async () => Object.values((await store.read()).credentials).flat();

  function countUse(paymentHash: string, by: 1 | -1): void {
    const count = (usesTaken.get(paymentHash) ?? 0) + by;
    if (count > 0) usesTaken.set(paymentHash, count);
    else usesTaken.delete(paymentHash);
  }

  const cancelUse = (paymentHash: string) => countUse(paymentHash, -1);

  function take(credential: StoredCredential | undefined): StoredCredential | undefined {
    if (credential) countUse(credential.paymentHash, 1);
    return credential;
  }

  /** Whether the seller owes a service: it never accepted the credential, and no request waits for an answer. */
  const isOwing = (credential: StoredCredential) =>
    !!credential.unaccepted && !usesTaken.has(credential.paymentHash) && isUsable(credential);

  /** Reads from the shared store how the seller has treated a credential. With `patience`, it waits for others' news. */
  async function standing(credential: StoredCredential, patience: number): Promise<Standing> {
    const list = (await store.read()).credentials[credential.scope.key] ?? [];
    const { unaccepted, afterLoss } = list.find((each) => each.paymentHash === credential.paymentHash) ?? {};
    if (!unaccepted) return {};
    // Requests of other processes may be served with it just now, and say so in a moment.
    if (unaccepted === "unserved" && patience) {
      await pause(PAUSE_MS);
      return standing(credential, patience - 1);
    }
    return {
      isNew: true,
      isOwed: unaccepted === "refused" || afterLoss || list.some(isOwing),
      isLost: unaccepted === "sent" && !afterLoss,
    };
  }

  return {
    /** Takes a use of a credential before it is paid for, so that no other request takes it when it arrives. */
    startUse: (paymentHash: string): void => countUse(paymentHash, 1),

    /** Takes a use of a credential for this scope key, or else of a pass that may be good there, the newest first. */
    async takeForPath(key: string): Promise<StoredCredential | undefined> {
      const isGuess = (each: StoredCredential) => isPassNear(each, key) && isUsable(each);
      const { credentials } = await store.read();
      return take(credentials[key]?.find(isUsable) ?? Object.values(credentials).flat().findLast(isGuess));
    },

    /** Takes a use of a credential for the same thing, perhaps on another path, but not of the refused one. */
    async takeForResource(scope: Scope, refused: string | undefined): Promise<StoredCredential | undefined> {
      const all = await readAll();
      return take(
        all.find(
          (each) =>
            isSameThing(each.scope, scope) &&
            each.paymentHash !== refused &&
            mayOpen(each, scope.resource) &&
            isUsable(each),
        ),
      );
    },

    /** Waits while another process holds a new credential for the same thing. It may leave uses, or have died. */
    async waitForOthers(scope: Scope): Promise<void> {
      const patienceEnds = performance.now() + HOLD_MS;
      const isBusy = (each: StoredCredential) => isSameThing(each.scope, scope) && isHeld(each);
      while ((await readAll()).some(isBusy) && performance.now() < patienceEnds) await pause(PAUSE_MS);
    },

    /** Takes a use of a credential whose payment was just found, unless other requests have taken all uses. */
    takeIfFree: (credential: StoredCredential) => (isUsable(credential) ? take(credential) : undefined),

    standing,

    /**
     * Takes a use of a credential that was bought for the scope's key and not shown yet: of one that may open what the
     * seller calls `resource`, or, where the seller still owes something, of one that was never accepted.
     */
    async takeNext({ key }: Scope, { shown, resource, isOwed }: Next): Promise<StoredCredential | undefined> {
      const list = (await store.read()).credentials[key] ?? [];
      const mayBe = (each: StoredCredential) => (isOwed ? each.unaccepted : mayOpen(each, resource));
      return take(list.find((each) => !shown.has(each.paymentHash) && mayBe(each) && isUsable(each)));
    },

    /** Finds a credential that is still owed, where the same original request was redirected and paid before. */
    async owes({ via }: Scope): Promise<StoredCredential | undefined> {
      return (await readAll()).find((each) => via !== undefined && each.scope.via === via && isOwing(each));
    },

    /** Gives back a use of a credential that was not paid for. */
    cancelUse,

    /** Ends a use, and writes down how it ended. If the store fails, that is reported, and the request goes on. */
    async endUse(credential: StoredCredential, end: UseEnd): Promise<void> {
      const { scope, paymentHash } = credential;
      try {
        if (changesNothing(credential, end)) return;
        await store.update(({ credentials }) => {
          const left = afterUse(credentials[scope.key] ?? [], credential, end, now());
          if (left.length > 0) credentials[scope.key] = left;
          else delete credentials[scope.key];
        });
      } catch (error) {
        report(error);
      } finally {
        cancelUse(paymentHash);
      }
    },
  };
}

/**
 * Whether a credential may open what the seller calls `resource`. Of many passes for queries of one path, each would be
 * refused in turn, and cost the seller an invoice.
 *
 * SECURITY: what the seller owes is shown whatever it calls things now (client.refusal.test.ts, "a name of its own").
 */
const mayOpen = ({ unaccepted, scope }: StoredCredential, resource: string | undefined) =>
  unaccepted || !resource || !scope.resource || scope.resource === resource;

/**
 * Whether a request may show a pass that was bought on another path, before the seller says that the pass is good there:
 * if the seller sold it under a name of its own, in the same folder or above, as a browser does with a password (RFC 7617,
 * section 2.2). A name with a slash may be a path, perhaps one that a proxy has changed. A page shows it to its own
 * origin only: others would have to allow the header on what is free.
 *
 * SECURITY: what was never accepted, or can be used up, is not shown to what may be free (client.pass.test.ts, "is not
 * shown unasked").
 */
const isPassNear = ({ unaccepted, usesLeft, scope: { resource, key: own, origin } }: StoredCredential, key: string) =>
  !unaccepted &&
  usesLeft === undefined &&
  key.startsWith(own.slice(0, own.lastIndexOf("/") + 1)) &&
  resource?.includes("/") === false &&
  (globalThis.location?.origin ?? origin) === origin;
