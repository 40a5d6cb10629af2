import { AsyncLocalStorage } from "node:async_hooks";
import { clientError, decodeInvoice, type LightningWallet } from "@l402/core";

/**
 * Lower limits for single calls, on top of the client's own for every request.
 *
 * SECURITY: the client's limits hold whatever happens here, so a call can only be refused more (mcp.test.ts, "maxSats").
 */
export function createRequestLimit(wallet: LightningWallet) {
  const limits = new AsyncLocalStorage<number | undefined>();
  const leastFeeMsat = (amountMsat: number) => wallet.feeReserveMsat?.(amountMsat) ?? 0;

  return {
    /** Everything that is bought in a call costs no more, the fee included. */
    within: <Result>(maxSats: number | undefined, call: () => Result): Result => limits.run(maxSats, call),

    /** For the option of the client: asked for each call, also where several share a payment. */
    checkInvoice({ bolt11 }: { bolt11: string }): void {
      const maxSats = limits.getStore();
      if (maxSats === undefined) return;
      const amountMsat = amountOf(bolt11);
      const costMsat = amountMsat + leastFeeMsat(amountMsat);
      if (costMsat <= maxSats * 1000) return;
      throw clientError(
        "BUDGET_EXCEEDED",
        `budget.perRequestSats is ${maxSats} sats; this costs ${costMsat / 1000} sats.`,
      );
    },

    wallet: {
      name: wallet.name,
      feeReserveMsat: leastFeeMsat,
      payInvoice(input) {
        const maxSats = limits.getStore() ?? Number.POSITIVE_INFINITY;
        const maxFeeMsat = Math.max(0, Math.min(input.maxFeeMsat, maxSats * 1000 - amountOf(input.bolt11)));
        return wallet.payInvoice({ ...input, maxFeeMsat });
      },
      lookupPayment: (...input) => wallet.lookupPayment(...input),
    } satisfies LightningWallet as LightningWallet,
  };
}

const amountOf = (bolt11: string): number => Number(decodeInvoice(bolt11).amountMsat);
