import { createMemoryUseStore, createPaywall } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { fakeLightning } from "@l402/testing";

// A Lightning node in memory. For real money, put a provider of your backend here and remove `network`; and because
// Workers run in many places at once, a use store that they share.
const lightning = fakeLightning();

let weather: ((request: Request) => Promise<Response>) | undefined;

/** The secret only comes with the first request. */
function openShop(secret: string) {
  const paywall = createPaywall({
    provider: lightning.provider,
    secret,
    useStore: createMemoryUseStore(),
    network: "regtest",
  });
  return withL402(paywall, { price: 10 }, (_request, payment) => {
    return Response.json({ weather: "sunny", paidMsat: payment.amountMsat });
  });
}

export default {
  async fetch(request: Request, env: { L402_SECRET: string }): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/dev/wallet") {
      // The buyer's wallet of this example. It is here only because its money is not real.
      const { invoice } = (await request.json()) as { invoice: string };
      return Response.json(await lightning.wallet.payInvoice({ bolt11: invoice, maxFeeMsat: 0 }));
    }
    weather ??= openShop(env.L402_SECRET);
    return pathname === "/weather" ? weather(request) : new Response("Not found", { status: 404 });
  },
};
