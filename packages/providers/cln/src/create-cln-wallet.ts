import { type Answer, createWallet, type FoundPayment, failed, type Order, resolvePayment } from "@l402/backend";
import type { LightningWallet, PaymentResult } from "@l402/core";
import { type ClnOptions, createClnBackend } from "./cln-backend.ts";
import { completedPayment, lastTriedAt, listedPayment, UNFINISHED } from "./cln-payment.ts";
import { isRepeated, NO_SUCH_METHOD, reasonFor } from "./pay-errors.ts";
import { rpcErrorIn } from "./rpc-error.ts";
import { createSentPayments } from "./sent-payments.ts";

/** The node may make its last try this much later than its time limit. */
const GRACE_SECONDS = 5;
/** How long the node tries to pay if the caller sets no limit. */
const DEFAULT_SECONDS = 60;
/** The highest `retry_for` that `pay` accepts. */
const MAX_SECONDS = 65_535;

/** Pays with your own Core Lightning node. */
export function createClnWallet(options: ClnOptions): LightningWallet {
  const backend = createClnBackend("createClnWallet", options);
  const sent = createSentPayments();

  const list = (paymentHash: string, signal?: AbortSignal) =>
    backend.call("listpays", { payment_hash: paymentHash }, { signal });

  async function find(paymentHash: string, signal?: AbortSignal): Promise<FoundPayment> {
    const listed = await list(paymentHash, signal);
    const found = listedPayment(listed, paymentHash);
    if (found.status === "unknown") return found;
    // SECURITY: the node may list a payment as missing or failed while it is still making it: before the first part,
    // and between two tries (create-cln-wallet.test.ts, "does not miss a payment that the node is still making").
    if (found.status !== "paid" && sent.mayStillTry(paymentHash)) return UNFINISHED;
    // SECURITY: after a restart, this process does not know whether the node has given up. A buyer who is told "failed"
    // pays another invoice (create-cln-wallet.test.ts, "after a restart").
    const mayTryUntil = lastTriedAt(listed) + (DEFAULT_SECONDS + GRACE_SECONDS) * 1000;
    if (found.status === "failed" && !sent.hasEnded(paymentHash) && Date.now() < mayTryUntil) return UNFINISHED;
    if (found.status !== "not-found") sent.end(paymentHash);
    return found;
  }

  async function pay({ bolt11, paymentHash, maxFeeMsat, signal }: Order, seconds: number): Promise<PaymentResult> {
    const limits = { maxfee: maxFeeMsat, retry_for: seconds };
    const more = { pays: true, accept: isRpcError, paymentSeconds: seconds, signal };
    let answer = await backend.call("xpay", { invstring: bolt11, ...limits }, more);
    if (rpcErrorIn(answer)?.code === NO_SUCH_METHOD) answer = await backend.call("pay", { bolt11, ...limits }, more);

    const error = rpcErrorIn(answer);
    if (!error) return completedPayment(answer, paymentHash);
    const result = isRepeated(error.code) ? UNFINISHED : failed(reasonFor(error.code));
    // SECURITY: xpay reports an error as soon as it gives up, while parts of the payment may still arrive. Only
    // `listpays` shows the outcome (create-cln-wallet.test.ts, "does not call a payment failed of which a part is under
    // way").
    const found = await resolvePayment(async () => listedPayment(await list(paymentHash, signal), paymentHash), result);
    return found.status === "failed" ? result : found;
  }

  return createWallet({
    name: "cln",
    label: "CLN",
    // Core Lightning would send the same payment twice if it were asked twice at once, or while it still tries.
    sharesAttempts: true,
    async earlier(paymentHash) {
      if (!sent.isUnsure(paymentHash)) return undefined;
      const found = await resolvePayment(() => find(paymentHash), NEVER_MADE);
      return found.status === "failed" ? undefined : found;
    },

    async send(order) {
      const seconds = Math.min(Math.ceil(order.timeoutSeconds), MAX_SECONDS);
      const result = await sent.watch(order.paymentHash, seconds + GRACE_SECONDS, () => pay(order, seconds));
      return { result, isOver: true };
    },

    find,
  });
}

const NEVER_MADE = failed("CLN lists no payment with this payment hash.");

const isRpcError = (answer: Answer): boolean =>
  (answer.status === 404 || answer.status === 500) && rpcErrorIn(answer) !== undefined;
