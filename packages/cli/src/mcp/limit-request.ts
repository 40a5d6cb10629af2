import { AsyncLocalStorage } from "node:async_hooks";
import { clientError, decodeInvoice, type LightningWallet } from "@l402/core";
import { inSats } from "../words.ts";

/**
 * Adds lower limits for single calls to the client's own limits for every request.
 *
 * SECURITY: the client's limits always hold as well, so this limit can only refuse more (mcp.test.ts, "maxSats").
 */
export function createRequestLimit(wallet: LightningWallet) {
  const limits = new AsyncLocalStorage<number | undefined>();
  const leastFeeMsat = (amountMsat: number) => wallet.feeReserveMsat?.(amountMsat) ?? 0;
  /** What a limit has to have room for: the amount, and the fee that the wallet cannot limit. */
  const costMsat = (amountMsat: number) => amountMsat + leastFeeMsat(amountMsat);

  return {
    costMsat,

    /** Runs a call in which no payment may cost more than `maxSats`, including the fee. */
    within: <Result>(maxSats: number | undefined, call: () => Result): Result => limits.run(maxSats, call),

    /** The client's option `checkInvoice`. The client asks it for each call, also if several calls share a payment. */
    checkInvoice({ bolt11 }: { bolt11: string }): void {
      const maxSats = limits.getStore();
      if (maxSats === undefined) return;
      const leastMsat = costMsat(amountOf(bolt11));
      if (leastMsat <= maxSats * 1000) return;
      throw clientError("BUDGET_EXCEEDED", `maxSats is ${inSats(maxSats * 1000)}; this costs ${inSats(leastMsat)}.`, {
        hint: "To allow this price, raise maxSats. It never raises your user's limits.",
      });
    },

    wallet: {
      name: wallet.name,
      feeReserveMsat: leastFeeMsat,
      async payInvoice(input) {
        const maxSats = limits.getStore() ?? Number.POSITIVE_INFINITY;
        const maxFeeMsat = Math.max(0, Math.min(input.maxFeeMsat, maxSats * 1000 - amountOf(input.bolt11)));
        const result = await wallet.payInvoice({ ...input, maxFeeMsat });
        if (maxFeeMsat === input.maxFeeMsat || result?.status !== "failed") return result;
        // The client names the fee that it allowed, which was more.
        return { ...result, reason: `maxSats leaves ${inSats(maxFeeMsat)} for the fee. ${result.reason}` };
      },
      lookupPayment: (...input) => wallet.lookupPayment(...input),
    } satisfies LightningWallet as LightningWallet,
  };
}

const amountOf = (bolt11: string): number => Number(decodeInvoice(bolt11).amountMsat);
