import { createHash } from "node:crypto";
import { decodeInvoice, type LightningProvider, type LightningWallet } from "@l402/core";
import { startRegtest } from "@l402/regtest";
import { Hono } from "hono";
import { readBody } from "../http/read-body.ts";
import { problem } from "../problem.ts";

export interface RegtestLightning {
  provider: LightningProvider;
  wallet: LightningWallet;
  nodeId: string;
  nodeBalanceMsat(): number;
  /** What there would be elsewhere: a merchant's Lightning Address, and a buyer who pays. Tells what was paid. */
  neighbours(onPaid: (paymentHash: string) => Promise<void>): Hono;
  close(): void;
}

const MAX_FEE_MSAT = 10_000;

/** Real Lightning nodes in this process: a buyer, the service, and a merchant, who gets payouts. Play money. */
export async function startRegtestLightning(): Promise<RegtestLightning> {
  const { nodes, close } = await startRegtest({ nodes: ["buyer", "service", "merchant"] });
  const { buyer, service, merchant } = nodes;

  const neighbours = (onPaid: (paymentHash: string) => Promise<void>) =>
    new Hono()
      .get("/.well-known/lnurlp/:user", (c) => {
        const { origin } = new URL(c.req.url);
        const user = c.req.param("user");
        return c.json({
          tag: "payRequest",
          callback: `${origin}/regtest/lnurl/${encodeURIComponent(user)}`,
          minSendable: 1_000,
          maxSendable: 1_000_000_000,
          metadata: metadataOf(user),
        });
      })
      .get("/regtest/lnurl/:user", async (c) => {
        const amountMsat = Number(c.req.query("amount"));
        const descriptionHash = createHash("sha256")
          .update(metadataOf(c.req.param("user")))
          .digest("hex");
        try {
          const order = { amountMsat, descriptionHash, expiresInSeconds: 600 };
          return c.json({ pr: (await merchant.createHashedInvoice(order)).bolt11, routes: [] });
        } catch {
          return c.json({ status: "ERROR", reason: "There is no invoice for this amount." });
        }
      })
      .post("/regtest/pay", async (c) => {
        const bolt11 = (await readBody(c.req.raw, ["bolt11"])).text("bolt11", { max: 8_000 });
        const paid = await buyer.wallet.payInvoice({ bolt11, maxFeeMsat: MAX_FEE_MSAT }).catch((error: Error) => {
          throw problem("INVOICE_INVALID", error.message);
        });
        if (paid.status === "paid") await onPaid(decodeInvoice(bolt11).paymentHash);
        return c.json(paid);
      })
      // An invoice of the merchant's own node, to withdraw to.
      .post("/regtest/invoice", async (c) => {
        const body = await readBody(c.req.raw, ["amountMsat"]);
        const amountMsat = body.whole("amountMsat", { min: 1, max: 1_000_000_000_000, code: "AMOUNT_INVALID" });
        const order = { amountMsat, description: "A withdrawal", expiresInSeconds: 600 };
        return c.json({ bolt11: (await merchant.provider.createInvoice(order)).bolt11 });
      });

  return {
    provider: service.provider,
    wallet: service.wallet,
    nodeId: service.nodeId,
    nodeBalanceMsat: () => service.balance().ownedMsat,
    neighbours: (onPaid) => neighbours(onPaid) as unknown as Hono,
    close,
  };
}

const metadataOf = (user: string) => JSON.stringify([["text/plain", `Payouts to ${user}`]]);
