import { clientError, isL402Error, isPreimageOf, type PaymentResult } from "@l402/core";
import { LEFT } from "./abortable.ts";
import type { ClientSettings } from "./client-options.ts";
import {
  type ClientState,
  isSameWish,
  type PendingPayment,
  paymentFor,
  type Scope,
  type StoredCredential,
  type Unaccepted,
} from "./client-state.ts";
import { HOLD_MS } from "./credentials.ts";
import { type Forgotten, forgetIn } from "./forget.ts";
import { failed, outcomeUnknown, UNDER_WAY } from "./payment-errors.ts";
import { remember } from "./remember.ts";
import { createReservations, type PaymentOrder } from "./reservations.ts";
import { createWalletCalls } from "./wallet-calls.ts";
import { pause } from "./within.ts";

/** How long after its expiry an invoice might still be paid, because clocks differ. */
const EXPIRY_SKEW_MS = 60_000;
/** How long to wait for the payment of another process for the same thing. */
const PATIENCE_MS = 10_000;
/** How long to wait, after that payment was made, until the other process writes it down. */
const WRITING_MS = 5_000;
const PAUSE_MS = 200;

/** The credential that a request can use. */
export interface Bought {
  credential: StoredCredential;
  /** True if this request paid for the credential itself. */
  paidNow: boolean;
  /** True if the seller has not said that the credential, bought on another path, is for what is asked. */
  isGuess?: boolean;
}

/** Asks whether a payment may be sent again, and throws if not. */
type Ask = (payment: PendingPayment) => Promise<void>;

export type Payments = ReturnType<typeof createPayments>;

/**
 * Moves money: once for a payment hash, within the budget, and never without a trace.
 *
 * SECURITY: a payment is written down before the wallet is asked, and is removed only when its outcome is certain
 * (client.crash.test.ts, client.budget.test.ts).
 */
export function createPayments(settings: ClientSettings) {
  const { store, paymentTimeoutSeconds, now, tell, report } = settings;
  const wallet = createWalletCalls(settings.wallet, paymentTimeoutSeconds);
  const reservations = createReservations(settings);
  const { belongsToAnother } = reservations;
  /** By payment hash: the payments that this client is making. */
  const paying = new Map<string, Promise<Bought>>();
  /** By payment hash: the earlier payments whose outcome this client is finding out. */
  const finishing = new Map<string, Promise<Bought | undefined>>();
  const paidHashes = new Set<string>();

  /** Writes down that the wallet calls a payment made without handing out its preimage. It may do so later. */
  async function withoutPreimage(paymentHash: string) {
    const mark = ({ pending: { [paymentHash]: payment } }: ClientState) => {
      if (payment) payment.unproven = settings.wallet.name;
    };
    await store.update(mark).catch(report);
    const message = `The wallet made payment ${paymentHash}, but did not return its preimage.`;
    return clientError("WALLET_NO_PREIMAGE", message);
  }

  /** Makes a reserved payment. It may send the same invoice again: a wallet pays an invoice only once. */
  async function send(payment: PendingPayment, holdMs: number): Promise<Bought> {
    const { paymentHash } = payment;
    let result: PaymentResult;
    try {
      result = await wallet.pay(payment);
    } catch (error) {
      await end(payment, 0);
      throw error;
    }
    if (result.status === "paid") return { credential: await complete(payment, result, holdMs), paidNow: true };
    if (result.status === "failed") await end(payment, 0);
    const found = result.status === "failed" ? "gone" : await lookUp(payment, holdMs);
    if (typeof found === "object") return { credential: found, paidNow: true };
    if (found === "gone") throw failed(payment, result.reason);
    if ("withoutPreimage" in result) throw await withoutPreimage(paymentHash);
    throw outcomeUnknown(paymentHash, result.reason);
  }

  async function complete(payment: PendingPayment, result: Proof, holdMs: number): Promise<StoredCredential> {
    const { paymentHash, token, scheme, scope, amountMsat, maxFeeMsat, uses: usesLeft, validUntil } = payment;
    const { preimage } = result;
    const feeMsat = Number.isSafeInteger(result.feeMsat) && result.feeMsat >= 0 ? result.feeMsat : maxFeeMsat;
    // What this client paid for before was sent, even if the store failed.
    const isKnown = paidHashes.has(paymentHash);
    const unaccepted: Unaccepted = holdMs || isKnown ? "sent" : "unserved";
    const heldUntil = holdMs && now() + holdMs;
    const bought = { paymentHash, token, scheme, preimage, scope, amountMsat, feeMsat, usesLeft, validUntil };
    const credential = { ...bought, unaccepted, heldUntil };
    const isProof = isPreimageOf(preimage, paymentHash);
    if (isProof) remember(paidHashes, paymentHash);
    const isFirst = await end(payment, amountMsat + feeMsat, isProof ? credential : undefined);
    if (!isProof) throw await withoutPreimage(paymentHash);
    if (isFirst && !isKnown) tell(() => settings.onPayment?.(paymentFor(credential)));
    return credential;
  }

  /** Ends a reservation. If the store fails, the payment stays pending and is looked up later, with the same result. */
  async function end(...ending: Parameters<typeof reservations.end>): Promise<boolean> {
    try {
      return await reservations.end(...ending);
    } catch (error) {
      report(error);
      return true;
    }
  }

  /** SECURITY: another wallet may have made a payment unknown to this one (client.wallet.test.ts, "another wallet"). */
  const isElsewhere = (payment: PendingPayment) => (payment.wallet ?? settings.wallet.name) !== settings.wallet.name;

  /** Finds out the outcome of a payment. "not-sent": the wallet does not know it, and the invoice can still be paid. */
  async function lookUp(
    payment: PendingPayment,
    holdMs = 0,
  ): Promise<StoredCredential | "unknown" | "not-sent" | "gone"> {
    const found = await wallet.lookUp(payment.paymentHash);
    if (found.status === "paid") return complete(payment, found, holdMs);
    // The payment stays pending: the wallet may give its preimage later.
    if (found.status === "unknown" && found.withoutPreimage) throw await withoutPreimage(payment.paymentHash);
    if (found.status === "unknown" || belongsToAnother(payment) || isElsewhere(payment)) return "unknown";
    if (found.status === "not-found" && now() < payment.invoiceExpiresAt + EXPIRY_SKEW_MS) return "not-sent";
    await end(payment, 0);
    return "gone";
  }

  /** True if a payment has ended. Gives another process, which may be alive, the time to end what it began. */
  async function isEnded(payment: PendingPayment): Promise<boolean> {
    const { paymentHash } = payment;
    let isPaid = false;
    let patienceEnds = performance.now() + PATIENCE_MS;
    while ((await store.read()).pending[paymentHash]) {
      if (!belongsToAnother(payment) || performance.now() > patienceEnds) return false;
      await pause(PAUSE_MS);
      if (isPaid || (await wallet.lookUp(paymentHash)).status !== "paid") continue;
      isPaid = true;
      patienceEnds = performance.now() + WRITING_MS;
    }
    return true;
  }

  /** Finishes an earlier payment as soon as its outcome can be known. Returns `undefined` if it bought nothing. */
  async function finish(payment: PendingPayment, ask: Ask): Promise<Bought | undefined> {
    if (await isEnded(payment)) return undefined;
    const found = await lookUp(payment);
    if (typeof found === "object") return { credential: found, paidNow: false };
    if (found === "gone") return undefined;
    const begun = `It was begun with the wallet "${payment.wallet}".`;
    if (found === "unknown") throw outcomeUnknown(payment.paymentHash, isElsewhere(payment) ? begun : UNDER_WAY);
    const claimed = await takeOver(payment, ask).catch((cause) => {
      if (cause === LEFT || (isL402Error(cause) && cause.fundsMoved !== "no")) throw cause;
      const reason = isL402Error(cause) ? cause.message : "checkInvoice refused the invoice.";
      throw outcomeUnknown(payment.paymentHash, `The client does not send it again. ${reason}`, { cause });
    });
    return claimed && during(paying, payment.paymentHash, () => send(claimed, 0));
  }

  /** SECURITY: a payment sent again must pass today's rules, like any other (client.budget.test.ts, "sent again"). */
  async function takeOver(payment: PendingPayment, ask: Ask): Promise<PendingPayment | undefined> {
    await reservations.check(payment, paying);
    await ask(payment);
    return reservations.claim(payment);
  }

  return {
    /** True if this client paid an invoice. A challenge with a paid invoice is not paid again. */
    hasPaid: (paymentHash: string): boolean => paidHashes.has(paymentHash),

    /** Throws early, so that the user is not asked to approve a payment that cannot be made. */
    check: (order: PaymentOrder): Promise<void> => reservations.check(order, paying),

    /** `begin` is called at the last moment before money is reserved. If it throws, nothing is paid. */
    async pay(order: PaymentOrder, begin: () => void): Promise<Bought> {
      const { paymentHash } = order;
      if (paying.has(paymentHash)) throw outcomeUnknown(paymentHash, UNDER_WAY);
      return during(paying, paymentHash, async () => send(await reservations.reserve(order, paying, begin), HOLD_MS));
    },

    /** Finishes a payment that an earlier request, or an earlier run of the program, began for the same thing. */
    async finishEarlier(scope: Scope, ask: Ask): Promise<Bought | undefined> {
      for (const payment of Object.values((await store.read()).pending)) {
        const { paymentHash } = payment;
        if (!isSameWish(payment.scope, scope)) continue;
        while (finishing.has(paymentHash)) await finishing.get(paymentHash)?.catch(() => {});
        if (paying.has(paymentHash)) continue;
        const bought = await during(finishing, paymentHash, () => finish(payment, ask));
        if (bought) return bought;
      }
      return undefined;
    },

    /** Looks up every payment whose outcome is open, and returns the payment hashes that are still open. */
    async resume(): Promise<string[]> {
      for (const payment of Object.values((await store.read()).pending)) {
        const { paymentHash } = payment;
        if (paying.has(paymentHash) || finishing.has(paymentHash)) continue;
        const ask = async () => void (await lookUp(payment));
        await during(finishing, paymentHash, ask as () => Promise<undefined>).catch(report);
      }
      return Object.keys((await store.read()).pending);
    },

    forget: (what?: Forgotten): Promise<number> =>
      store.update((state) =>
        forgetIn(state, what, now(), (payment) => belongsToAnother(payment) || paying.has(payment.paymentHash)),
      ),
  };
}

interface Proof {
  preimage: string;
  feeMsat: number;
}

function during<Result>(map: Map<string, Promise<Result>>, key: string, work: () => Promise<Result>): Promise<Result> {
  // The work begins when it is in the map.
  const promise = Promise.resolve()
    .then(work)
    .finally(() => map.delete(key));
  map.set(key, promise);
  return promise;
}
