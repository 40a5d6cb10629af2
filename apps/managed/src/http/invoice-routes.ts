import { isL402Error } from "@l402/core";
import type { InvoiceOrder, InvoiceRow } from "../invoices/invoices.ts";
import { problem } from "../problem.ts";
import type { ApiParts } from "./api-context.ts";
import { idempotencyKeyOf } from "./merchant-key.ts";
import { type Body, readBody } from "./read-body.ts";
import { invoiceView } from "./views.ts";

/** On top of the one, for an address that was never named before. */
const NEW_ADDRESS_COST = 24;
const MAX_MSAT = Number.MAX_SAFE_INTEGER;
const HOUR = 3_600;
const DAY = 86_400;

const orderIn = (body: Body): InvoiceOrder => ({
  amountMsat: body.whole("amountMsat", { min: 1, max: MAX_MSAT, code: "AMOUNT_INVALID" }),
  description: body.has("description") ? body.text("description") : "",
  expiresInSeconds: body.has("expiresInSeconds") ? body.whole("expiresInSeconds", { min: 10, max: 7 * DAY }) : HOUR,
});

export function invoiceRoutes({ service, factory, anybody, limitStranger, limitInvoices }: ApiParts) {
  const { invoices, merchants, settlement, settings } = service;
  const created = (row: InvoiceRow) => ({ ...invoiceView(row, settings.clock()), bolt11: row.bolt11 });

  /** An invoice for whoever names an address, and needs no key. It lives an hour at most. */
  async function createFor(c: Parameters<typeof limitStranger>[0], address: string, order: InvoiceOrder) {
    // SECURITY: whoever names new addresses makes the service ask strangers (http-limits.test.ts, "new addresses").
    const owner = await merchants.byAddress(address, () => limitStranger(c, NEW_ADDRESS_COST));
    await limitInvoices(c);
    return invoices.create(owner, { ...order, expiresInSeconds: Math.min(order.expiresInSeconds, HOUR) });
  }

  /** As it is now: by the node's word, unless it was settled before. */
  async function current(row: InvoiceRow): Promise<InvoiceRow> {
    try {
      return await settlement.check(row);
    } catch (error) {
      if (!isL402Error(error)) throw error;
      if (error.code === "PROVIDER_REJECTED") return row;
      throw problem(
        "NODE_UNAVAILABLE",
        "The service cannot check now whether the invoice was paid. Try again later.",
        2,
      );
    }
  }

  return factory
    .createApp()
    .post("/v1/invoices", async (c) => {
      const merchant = await anybody(c);
      const key = idempotencyKeyOf(c.req.header("idempotency-key"));
      const known = ["amountMsat", "description", "expiresInSeconds", ...(merchant ? [] : ["lightningAddress"])];
      const body = await readBody(c.req.raw, known);
      const order = orderIn(body);
      if (merchant) return c.json(created(await invoices.create(merchant, order, { key })), 201);
      // SECURITY: an address is nobody's secret, so its keys would be anybody's (http-attacks.test.ts, "without an account").
      if (key !== undefined) throw problem("KEY_MISSING", "An Idempotency-Key works only together with an API key.");
      if (!body.has("lightningAddress")) {
        throw problem(
          "KEY_MISSING",
          "Send your API key as `Authorization: Bearer <key>`, or set lightningAddress in the body.",
        );
      }
      return c.json(created(await createFor(c, body.text("lightningAddress", { max: 320 }), order)), 201);
    })

    .get("/v1/invoices/:paymentHash", async (c) => {
      const merchant = await anybody(c);
      const hash = c.req.param("paymentHash");
      const row = /^[0-9a-f]{64}$/.test(hash) ? await invoices.find(hash) : undefined;
      // SECURITY: a merchant's invoices are theirs; those of a mere address are for whoever knows the hash, as the payer does
      // (http-attacks.test.ts, "the invoice of another").
      const owner = row && (await merchants.byId(row.merchant_id));
      const isTheirs = owner?.has_key ? owner.id === merchant?.id : merchant === undefined;
      if (!row || !owner || !isTheirs) throw problem("NOT_FOUND", "You have no invoice with this payment hash.");
      return c.json(invoiceView(await current(row), settings.clock()));
    })

    .post("/api/invoice", async (c) => {
      await anybody(c);
      const body = await readBody(c.req.raw, ["amountSats", "ownerAddress"]);
      const max = Math.floor(MAX_MSAT / 1_000);
      const amountSats = body.whole("amountSats", { min: 1, max, code: "AMOUNT_INVALID" });
      const order = { amountMsat: amountSats * 1_000, description: "", expiresInSeconds: HOUR };
      const made = await createFor(c, body.text("ownerAddress", { max: 320 }), order);
      const { bolt11, payment_hash, expires_at } = made;
      return c.json({ paymentRequest: bolt11, paymentHash: payment_hash, amountSats, expiresAt: expires_at }, 201);
    });
}
