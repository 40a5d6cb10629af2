import { type Answer, checkPaymentHash, createDoubts, createOngoing, payOnce, resolvePayment } from "@l402/backend";
import type { LightningWallet, PayInvoiceInput, PaymentResult } from "@l402/core";
import { type ClnOptions, createClnBackend } from "./cln-backend.ts";
import { completedPayment, lastTriedAt, listedPayment } from "./cln-payment.ts";
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
  const doubts = createDoubts();
  // Core Lightning itself would send the same payment twice if it were asked twice at once.
  const once = createOngoing<PaymentResult>();

  const list = (paymentHash: string, signal?: AbortSignal) =>
    backend.call("listpays", { payment_hash: paymentHash }, { signal });

  async function lookUp(paymentHash: string, signal?: AbortSignal): Promise<PaymentResult | { status: "not-found" }> {
    const listed = await list(paymentHash, signal);
    const found = listedPayment(listed, paymentHash);
    if (found.status === "unknown") return found;
    // SECURITY: the node may list a payment as missing or failed while it is still making it: before the first part,
    // and between two tries (create-cln-wallet.test.ts, "does not miss a payment that the node is still making").
    if (found.status !== "paid" && sent.mayStillTry(paymentHash)) return UNCLEAR;
    // SECURITY: after a restart, this process does not know whether the node has given up. A buyer who is told "failed"
    // pays another invoice (create-cln-wallet.test.ts, "after a restart").
    const mayTryUntil = lastTriedAt(listed) + (DEFAULT_SECONDS + GRACE_SECONDS) * 1000;
    if (found.status === "failed" && !sent.hasEnded(paymentHash) && Date.now() < mayTryUntil) return UNCLEAR;
    if (found.status !== "not-found") sent.end(paymentHash);
    return found;
  }

  async function send({ bolt11, maxFeeMsat, signal }: PayInvoiceInput, paymentHash: string, seconds: number) {
    const limits = { maxfee: maxFeeMsat, retry_for: seconds };
    const more = { pays: true, accept: isRpcError, paymentSeconds: seconds, signal };
    let answer = await backend.call("xpay", { invstring: bolt11, ...limits }, more);
    if (rpcErrorIn(answer)?.code === NO_SUCH_METHOD) answer = await backend.call("pay", { bolt11, ...limits }, more);

    const error = rpcErrorIn(answer);
    if (!error) return completedPayment(answer, paymentHash);
    const failed: PaymentResult = isRepeated(error.code)
      ? UNCLEAR
      : { status: "failed", reason: reasonFor(error.code) };
    // SECURITY: xpay reports an error as soon as it gives up, while parts of the payment may still arrive. Only
    // `listpays` shows the outcome (create-cln-wallet.test.ts, "does not call a payment failed of which a part is under
    // way").
    const found = await resolvePayment(async () => listedPayment(await list(paymentHash, signal), paymentHash), failed);
    return found.status === "failed" ? failed : found;
  }

  async function pay(input: PayInvoiceInput, paymentHash: string): Promise<PaymentResult> {
    if (sent.isUnsure(paymentHash)) {
      const earlier = await resolvePayment(() => lookUp(paymentHash), NEVER_MADE);
      if (earlier.status !== "failed") return earlier;
    }
    const seconds = Math.min(Math.ceil(input.timeoutSeconds ?? DEFAULT_SECONDS), MAX_SECONDS);
    const attempt = () => doubts.during(paymentHash, () => send(input, paymentHash, seconds));
    return sent.watch(paymentHash, seconds + GRACE_SECONDS, attempt);
  }

  return {
    name: "cln",
    payInvoice: (input) =>
      payOnce(input, ({ paymentHash }) => once(paymentHash, () => pay(input, paymentHash)), doubts),
    async lookupPayment(paymentHash, { signal } = {}) {
      checkPaymentHash("CLN", paymentHash);
      // SECURITY: the node may receive a request long after it was sent, and then tries for the full time
      // (create-cln-wallet.test.ts, "an earlier failure").
      return doubts.weigh(paymentHash, await lookUp(paymentHash, signal));
    },
  };
}

const UNCLEAR = { status: "unknown", reason: "CLN does not say yet what becomes of the payment." } as const;
const NEVER_MADE = { status: "failed", reason: "CLN lists no such payment." } as const;

const isRpcError = (answer: Answer): boolean =>
  (answer.status === 404 || answer.status === 500) && rpcErrorIn(answer) !== undefined;
