import { walletFrom } from "@l402/config";
import type { LightningWallet } from "@l402/core";
import { decodeInvoice } from "@l402/core";
import { type FakeLightning, fakeBackend } from "@l402/testing";

/**
 * An LNbits whose funding source gives no preimage for payments between two of its wallets, and the wallet that
 * @l402/config makes for it. `state` is what it says of payments from now on.
 */
export async function openLnbits(outside: FakeLightning) {
  const state = { status: "success" as "success" | "failed" | "pending" | "missing" | "down", hasPreimage: false };
  const server = await fakeBackend(async ({ method, path, body }) => {
    if (state.status === "down") return { status: 502, body: "Bad Gateway" };
    if (method === "POST") {
      const { bolt11 } = JSON.parse(body);
      if (outside.payments.some(({ paymentHash }) => paymentHash === decodeInvoice(bolt11).paymentHash))
        return { status: 520, body: { detail: "Internal invoice already paid.", status: "failed" } };
      await outside.wallet.payInvoice({ bolt11, maxFeeMsat: 1e9 });
      return { status: 201, body: rowOf(decodeInvoice(bolt11).paymentHash) };
    }
    const hash = path.split("/").at(-1) as string;
    const row = rowOf(hash);
    if (!row || state.status === "missing") return { status: 404, body: { detail: "Payment does not exist." } };
    const { status, preimage } = row;
    return { status: 200, body: { paid: status === "success", status, preimage, details: row } };
  });

  function rowOf(payment_hash: string) {
    const payment = outside.payments.find(({ paymentHash }) => paymentHash === payment_hash);
    if (!payment) return;
    const { amountMsat, feeMsat } = payment;
    const preimage = state.hasPreimage ? outside.settle(payment_hash) : null;
    const status = state.status === "missing" ? "pending" : state.status;
    return {
      payment_hash,
      checking_id: `internal_${payment_hash}`,
      amount: -amountMsat,
      fee: -feeMsat,
      status,
      preimage,
    };
  }

  const wallet: LightningWallet = await walletFrom({
    ...{ L402_WALLET: "lnbits", LNBITS_URL: server.url, LNBITS_ADMIN_KEY: "b0be40000000000000000000000000bb" },
  });
  /** How often it was told to pay. */
  const orders = () => server.exchanges.filter(({ method }) => method === "POST").length;
  return { wallet, state, orders, close: server.close };
}
