import { bytesFromHex, createWallet, readFields } from "@l402/backend";
import type { LightningWallet } from "@l402/core";
import { createLndBackend, type LndOptions } from "./lnd-backend.ts";
import { isNeverMade, paymentIn, refusalIn } from "./payment-stream.ts";

/** Pays with your own LND node. */
export function createLndWallet(options: LndOptions): LightningWallet & Required<Pick<LightningWallet, "balanceMsat">> {
  const backend = createLndBackend("createLndWallet", options);
  return createWallet({
    name: "lnd",
    label: "LND",

    async balanceMsat({ signal } = {}) {
      const answer = await backend.ask({ path: "/v1/balance/channels", signal });
      return readFields("LND", answer).whole("local_balance.msat");
    },

    async send({ bolt11, paymentHash, maxFeeMsat, timeoutSeconds, signal }) {
      const seconds = Math.ceil(timeoutSeconds);
      const answer = await backend.ask({
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
      });
      const refusal = refusalIn(answer);
      if (refusal) return { result: refusal, isOver: true, lookUp: true };
      return { result: paymentIn(answer, paymentHash), isOver: true };
    },

    async find(paymentHash, signal) {
      const path = `/v2/router/track/${urlSafeBase64(paymentHash)}`;
      // The first line is the state of the payment. The stream stays open while the payment is in flight.
      const answer = await backend.ask({ path, accept: isNeverMade, firstLine: true, signal });
      return isNeverMade(answer) ? { status: "not-found" } : paymentIn(answer, paymentHash);
    },
  });
}

/** LND expects padded base64 in a path. */
const urlSafeBase64 = (hex: string): string =>
  btoa(String.fromCharCode(...(bytesFromHex(hex) ?? [])))
    .replaceAll("+", "-")
    .replaceAll("/", "_");
