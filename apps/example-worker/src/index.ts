import { waitUntil } from "cloudflare:workers";
import { createMemoryUseStore, createPaywall, webhookLog } from "@l402/core";
import { withL402 } from "@l402/core/web";
import { createSupabaseUseStore } from "@l402/supabase";
import { fakeLightning } from "@l402/testing";

interface Env {
  L402_SECRET: string;
  /** Where uses are counted. Workers run in many places at once, so real money needs a store that they share. */
  SUPABASE_URL?: string;
  SUPABASE_ANON_KEY?: string;
  /** Where payments are posted to. */
  WEBHOOK_URL?: string;
  WEBHOOK_SECRET?: string;
}

// A Lightning node in memory. For real money, put a provider of your backend here and remove `network`.
const lightning = fakeLightning();

let weather: ((request: Request) => Promise<Response>) | undefined;

/** The secrets only come with the first request. */
function openShop(env: Env) {
  const { L402_SECRET: secret, SUPABASE_URL, SUPABASE_ANON_KEY, WEBHOOK_URL, WEBHOOK_SECRET } = env;
  const paywall = createPaywall({
    provider: lightning.provider,
    secret,
    useStore: SUPABASE_URL
      ? createSupabaseUseStore({ url: SUPABASE_URL, key: SUPABASE_ANON_KEY, secret })
      : createMemoryUseStore(),
    paymentLog: WEBHOOK_URL ? webhookLog({ url: WEBHOOK_URL, secret: WEBHOOK_SECRET, waitUntil }) : [],
    network: "regtest",
    waitUntil,
  });
  return withL402(paywall, { price: 10 }, (_request, payment) => {
    return Response.json({ weather: "sunny", paidMsat: payment.amountMsat });
  });
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/dev/wallet") {
      // The buyer's wallet of this example. It is here only because its money is not real.
      const { invoice } = (await request.json()) as { invoice: string };
      return Response.json(await lightning.wallet.payInvoice({ bolt11: invoice, maxFeeMsat: 0 }));
    }
    weather ??= openShop(env);
    return pathname === "/weather" ? weather(request) : new Response("Not found", { status: 404 });
  },
};
