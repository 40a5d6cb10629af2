import { createL402Client, type L402Client } from "@l402/client";
import { isL402Error, type LightningWallet } from "@l402/core";

// A Worker that pays another server. It remembers what it bought and spent for as long as it runs: give it a `store` that
// outlives it before it holds real money.
let client: L402Client | undefined;

/** The wallet that the shop of this example hands out. For real money: `createAlbyWallet({ url: env.NWC_URL })`. */
const walletAt = (shop: string): LightningWallet => ({
  name: "example",
  async payInvoice({ bolt11 }) {
    const body = JSON.stringify({ invoice: bolt11 });
    return (await fetch(`${shop}/dev/wallet`, { method: "POST", body })).json();
  },
  lookupPayment: async () => ({ status: "unknown", reason: "The wallet of this example keeps no list." }),
});

export default {
  async fetch(request: Request, env: { SHOP: string }): Promise<Response> {
    client ??= createL402Client({
      wallet: walletAt(env.SHOP),
      network: "regtest",
      budget: { perRequestSats: 10, totalSats: 20 },
      maxFeeSats: 0,
    });
    const { pathname } = new URL(request.url);
    let got: unknown;
    try {
      const response = await client.fetch(env.SHOP + pathname);
      got = await response.json();
    } catch (error) {
      if (!isL402Error(error)) throw error;
      got = { code: error.code, fundsMoved: error.fundsMoved };
    }
    const { totalMsat } = await client.spending();
    return Response.json({ got, spentMsat: totalMsat });
  },
};
