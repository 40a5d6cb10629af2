import { bytesFromHex, checkPaymentHash, payOnce, resolvePayment } from "@l402/backend";
import type { LightningWallet } from "@l402/core";
import { createLndBackend, type LndOptions } from "./lnd-backend.ts";
import { isNeverMade, isRepeated, paymentIn } from "./payment-stream.ts";

/** Pays with an LND node of yours. */
export function createLndWallet(options: LndOptions): LightningWallet {
  const backend = createLndBackend("createLndWallet", options);

  const lookupPayment: LightningWallet["lookupPayment"] = async (paymentHash, { signal } = {}) => {
    checkPaymentHash("LND", paymentHash);
    const path = `/v2/router/track/${urlSafeBase64(paymentHash)}`;
    // The first line is how the payment stands; the stream stays open while it is in flight.
    const answer = await backend.ask({ path, accept: isNeverMade, firstLine: true, signal });
    return isNeverMade(answer) ? { status: "not-found" } : paymentIn(answer, paymentHash);
  };

  return {
    name: "lnd",

    payInvoice: (input) =>
      payOnce(input, async ({ paymentHash }) => {
        const { bolt11, maxFeeMsat, timeoutSeconds = 60, signal } = input;
        const seconds = Math.ceil(timeoutSeconds);
        const answer = await backend.ask({
          method: "POST",
          path: "/v2/router/send",
          json: {
            payment_request: bolt11,
            // Without a limit LND takes only routes that cost nothing.
            fee_limit_msat: String(maxFeeMsat),
            timeout_seconds: seconds,
            no_inflight_updates: true,
          },
          pays: true,
          accept: isRepeated,
          firstLine: true,
          paymentSeconds: seconds,
          signal,
        });
        if (!isRepeated(answer)) return paymentIn(answer, paymentHash);
        return resolvePayment(() => lookupPayment(paymentHash, signal && { signal }), UNCLEAR);
      }),

    lookupPayment,
  };
}

const UNCLEAR = { status: "unknown", reason: "LND calls the payment a repeated one, and does not find it." } as const;

/** Padded, as LND reads it in a path. */
const urlSafeBase64 = (hex: string): string =>
  btoa(String.fromCharCode(...(bytesFromHex(hex) ?? [])))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
