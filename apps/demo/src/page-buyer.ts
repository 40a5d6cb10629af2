import { createL402Client } from "@l402/client";
import { isL402Error } from "@l402/core";
import type { Backend } from "./backend.ts";
import type { Order } from "./buyer.ts";
import type { Step } from "./story.ts";
import { tellResponse } from "./tell-response.ts";
import { tellingWallet } from "./telling-wallet.ts";

/** What the web page may spend, fees included. */
export const BUDGET = { perRequestSats: 100, perDaySats: 1000 };

/** The buyer of the web page: the client of @l402/client, which keeps what it bought. Tells every step. */
export function createPageBuyer({ wallet, network }: Pick<Backend, "wallet" | "network">, tell: (step: Step) => void) {
  const client = createL402Client({
    wallet: tellingWallet(wallet, tell),
    network,
    budget: BUDGET,
    onChallenge({ amountMsat, uses = 1, expiresAt }) {
      const minutes = Math.round((expiresAt.getTime() - Date.now()) / 60_000);
      tell({ step: "payment-required", status: 402, sats: amountMsat / 1000, uses, expiresInSeconds: minutes * 60 });
    },
    fetch(input, init) {
      const request = new Request(input, init);
      const note = request.headers.has("authorization") && { note: "with the token and the proof" };
      tell({ step: "request", method: request.method, path: new URL(request.url).pathname, ...note });
      return fetch(request);
    },
  });

  /** Answers the status, or `undefined` where nothing was bought. */
  return async (shop: string, { path, method, body }: Order): Promise<number | undefined> => {
    try {
      const response = await client.fetch(shop + path, { method, ...(body !== undefined && { body }) });
      await tellResponse(response, tell);
      const payment = client.paymentOf(response);
      if (payment) {
        const purchases = await client.purchases();
        const usesLeft = purchases.find(({ paymentHash }) => paymentHash === payment.paymentHash)?.usesLeft ?? 0;
        const why = response.status >= 500 ? "not-served" : payment.paidNow ? "paid-now" : "paid-before";
        if (usesLeft > 0 || !payment.paidNow) tell({ step: "kept", why, usesLeft });
      }
      return response.status;
    } catch (error) {
      const { message, fundsMoved } = isL402Error(error) ? error : { message: String(error), fundsMoved: undefined };
      tell({ step: "refused", message: fundsMoved === "no" ? `Nothing paid: ${message}` : message });
      return undefined;
    }
  };
}
