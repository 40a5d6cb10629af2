import type { LightningWallet } from "@l402/core";
import { Hono } from "hono";

/**
 * Lets other programs on this computer pay from the buyer's play money: see wallet.mjs.
 *
 * SECURITY: it is opened for play money alone, and to no web page (demo.test.ts, "opens no door to your own backend").
 */
export function openWalletDoor(wallet: LightningWallet, onPayment: () => Promise<void>) {
  const app = new Hono();
  app.use(async (c, next) => {
    if (c.req.header("origin") ?? c.req.header("sec-fetch-site")) return c.json({ error: "Not for web pages." }, 403);
    return next();
  });
  app.post("/payments", async (c) => {
    const { bolt11, maxFeeMsat, timeoutSeconds } = await c.req.json();
    const payment = await wallet.payInvoice({ bolt11, maxFeeMsat, timeoutSeconds });
    await onPayment();
    return c.json(payment);
  });
  app.get("/payments/:paymentHash", async (c) => c.json(await wallet.lookupPayment(c.req.param("paymentHash"))));
  return app;
}
