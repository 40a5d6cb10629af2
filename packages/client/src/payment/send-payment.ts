import { clientError, isPreimageOf } from "@l402/core";
import type { ClientSettings } from "../client-options.ts";
import { HOLD_MS } from "../credential/credentials.ts";
import {
  type ClientState,
  type PendingPayment,
  paymentFor,
  type StoredCredential,
  type Unaccepted,
} from "../state/client-state.ts";
import { failed, outcomeUnknown } from "./payment-errors.ts";
import type { Reservations } from "./reservations.ts";
import type { WalletCalls } from "./wallet-calls.ts";

/** How long after its expiry an invoice might still be paid, because clocks differ. */
const EXPIRY_SKEW_MS = 60_000;
const MOST_REMEMBERED = 10_000;

/** The credential that a request can use. */
export interface Bought {
  credential: StoredCredential;
  /** True if this request paid for the credential itself. */
  paidNow: boolean;
  /** True if the seller has not said that the credential, bought on another path, is for what is asked. */
  isGuess?: boolean;
}

/** "not-sent": the wallet does not know the payment, and its invoice can still be paid. "gone": no money moved. */
type Found = StoredCredential | "unknown" | "not-sent" | "gone";

/** The state in which a credential starts: "sent" if the request that pays is about to send it. */
type Start = Exclude<Unaccepted, "refused">;

/** Sends payments that are written down, asks what became of them, and writes down how they ended. */
export function createSender(settings: ClientSettings, wallet: WalletCalls, reservations: Reservations) {
  const { store, now, tell, report } = settings;
  const { name } = settings.wallet;
  const paidHashes = new Set<string>();

  /** Sends a reserved payment. It may be the same invoice again: a wallet pays an invoice only once. */
  async function send(payment: PendingPayment): Promise<Bought> {
    const { paymentHash } = payment;
    const result = await wallet.pay(payment);
    if (result.status === "paid") return { credential: await complete(payment, result, "sent"), paidNow: true };
    if (result.status === "failed") await end(payment, 0);
    const found = result.status === "failed" ? "gone" : await lookUp(payment, "sent");
    if (typeof found === "object") return { credential: found, paidNow: true };
    if (found === "gone") throw result.error ?? failed(payment, result.reason);
    if (result.withoutPreimage) throw await withoutPreimage(paymentHash);
    throw outcomeUnknown(paymentHash, result.reason);
  }

  /** Finds out what became of a payment. */
  async function lookUp(payment: PendingPayment, start: Start = "unserved"): Promise<Found> {
    const found = await wallet.lookUp(payment.paymentHash);
    if (found.status === "paid") return complete(payment, found, start);
    // The payment stays pending: the wallet may give its preimage later.
    if (found.status === "unknown" && found.withoutPreimage) throw await withoutPreimage(payment.paymentHash);
    if (found.status === "unknown" || reservations.belongsToAnother(payment) || isElsewhere(payment)) return "unknown";
    if (found.status === "not-found" && now() < payment.invoiceExpiresAt + EXPIRY_SKEW_MS) return "not-sent";
    await end(payment, 0);
    return "gone";
  }

  /** Books a payment that was made, and keeps the credential that it bought. */
  async function complete(
    payment: PendingPayment,
    { preimage, feeMsat: fee }: { preimage: string; feeMsat: number },
    start: Start,
  ): Promise<StoredCredential> {
    const { paymentHash, token, scheme, scope, amountMsat, maxFeeMsat, uses: usesLeft, validUntil, owner } = payment;
    const feeMsat = Number.isSafeInteger(fee) && fee >= 0 ? fee : maxFeeMsat;
    // What this client paid for before was sent, even if the store failed.
    const isKnown = paidHashes.has(paymentHash);
    const credential: StoredCredential = {
      ...{ paymentHash, token, scheme, preimage, scope, amountMsat, feeMsat, usesLeft, validUntil, owner },
      unaccepted: isKnown ? "sent" : start,
      heldUntil: start === "sent" ? now() + HOLD_MS : undefined,
    };
    const isProof = isPreimageOf(preimage, paymentHash);
    if (isProof) remember(paymentHash);
    const isFirst = await end(payment, amountMsat + feeMsat, isProof ? credential : undefined);
    if (!isProof) throw await withoutPreimage(paymentHash);
    if (isFirst && !isKnown) tell(() => settings.onPayment?.(paymentFor(credential)));
    return credential;
  }

  /** A full set is emptied first: only recent hashes are ever needed. */
  function remember(paymentHash: string): void {
    if (paidHashes.size > MOST_REMEMBERED) paidHashes.clear();
    paidHashes.add(paymentHash);
  }

  /** Ends a reservation. If the store fails, the payment stays pending and is looked up later, with the same result. */
  async function end(...ending: Parameters<Reservations["end"]>): Promise<boolean> {
    try {
      return await reservations.end(...ending);
    } catch (error) {
      report(error);
      return true;
    }
  }

  /** Writes down that the wallet calls a payment made without handing out its preimage. It may do so later. */
  async function withoutPreimage(paymentHash: string) {
    const mark = ({ pending, unproven }: ClientState) => {
      if (pending[paymentHash]) unproven[paymentHash] = name;
    };
    await store.update(mark).catch(report);
    return clientError(
      "WALLET_NO_PREIMAGE",
      `The wallet made payment ${paymentHash}, but did not return its preimage.`,
    );
  }

  /** SECURITY: another wallet may have made a payment unknown to this one (client.wallet.test.ts, "another wallet"). */
  const isElsewhere = (payment: PendingPayment) => payment.wallet !== name;

  /** True if this client paid an invoice. A challenge with a paid invoice is not paid again. */
  const hasPaid = (paymentHash: string): boolean => paidHashes.has(paymentHash);

  return { send, lookUp, isElsewhere, hasPaid };
}
