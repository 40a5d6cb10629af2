import {
  bytesFromHex,
  checkPaymentHash,
  createDoubts,
  payOnce,
  type Question,
  readFields,
  resolvePayment,
} from "@l402/backend";
import type { LightningWallet } from "@l402/core";
import { createLndBackend, type LndOptions } from "./lnd-backend.ts";
import { isNeverMade, paymentIn, refusalIn } from "./payment-stream.ts";

/** Pays with your own LND node. */
export function createLndWallet(options: LndOptions): LightningWallet & Required<Pick<LightningWallet, "balanceMsat">> {
  const backend = createLndBackend("createLndWallet", options);
  const doubts = createDoubts();

  const lookupPayment: LightningWallet["lookupPayment"] = async (paymentHash, { signal } = {}) => {
    checkPaymentHash("LND", paymentHash);
    const path = `/v2/router/track/${urlSafeBase64(paymentHash)}`;
    // The first line is the state of the payment. The stream stays open while the payment is in flight.
    const answer = await backend.ask({ path, accept: isNeverMade, firstLine: true, signal });
    // SECURITY: a payment that LND has not begun may only be late (create-lnd-wallet.test.ts, "what a look-up may
    // overtake"), and a payment that LND shows as failed may be an earlier attempt ("an earlier failure").
    return doubts.weigh(paymentHash, isNeverMade(answer) ? { status: "not-found" } : paymentIn(answer, paymentHash));
  };

  return {
    name: "lnd",

    async balanceMsat({ signal } = {}) {
      const answer = await backend.ask({ path: "/v1/balance/channels", signal });
      return readFields("LND", answer).whole("local_balance.msat");
    },

    payInvoice: (input) =>
      payOnce(
        input,
        async ({ paymentHash }) => {
          const { bolt11, maxFeeMsat, timeoutSeconds = 60, signal } = input;
          const seconds = Math.ceil(timeoutSeconds);
          const question: Question = {
            method: "POST",
            path: "/v2/router/send",
            json: {
              payment_request: bolt11,
              // Without a limit, LND uses only routes without a fee.
              fee_limit_msat: String(maxFeeMsat),
              timeout_seconds: seconds,
              no_inflight_updates: true,
            },
            pays: true,
            accept: (answer) => refusalIn(answer) !== undefined,
            firstLine: true,
            paymentSeconds: seconds,
            signal,
          };
          const answer = await doubts.during(paymentHash, () => backend.ask(question));
          const refusal = refusalIn(answer);
          if (!refusal) return paymentIn(answer, paymentHash);
          return resolvePayment(() => lookupPayment(paymentHash, signal && { signal }), refusal);
        },
        doubts,
      ),

    lookupPayment,
  };
}

/** LND expects padded base64 in a path. */
const urlSafeBase64 = (hex: string): string =>
  btoa(String.fromCharCode(...(bytesFromHex(hex) ?? [])))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
