import type { Merchant } from "../merchants/merchants.ts";
import type { Withdrawal } from "../payouts/withdrawals.ts";
import { problem } from "../problem.ts";
import { within } from "../within.ts";
import type { ApiParts } from "./api-context.ts";
import { idempotencyKeyOf, neededIdempotencyKey } from "./merchant-key.ts";
import { type Body, readBody } from "./read-body.ts";
import { invoiceView, merchantView, payoutView } from "./views.ts";

/** How long an answer waits for the payment itself. */
const WAIT_MS = 5_000;

/** Money that leaves: withdrawals, payouts, and bills of merchants in direct mode. */
export function payoutRoutes({ service, factory, onlyMerchants, onlyOwners }: ApiParts) {
  const { invoices, merchants, payouts, withdrawals, settings } = service;

  return factory
    .createApp()
    .post("/v1/withdrawals", onlyOwners, async (c) => {
      const key = neededIdempotencyKey(c.req.header("idempotency-key"));
      const request = withdrawalIn(await readBody(c.req.raw, ["bolt11", "maxFeeMsat"]));
      return payoutAnswer(await withdrawals.forMerchant(c.get("owner"), request, key));
    })

    .post("/v1/refunds", onlyOwners, async (c) => {
      const key = neededIdempotencyKey(c.req.header("idempotency-key"));
      const body = await readBody(c.req.raw, ["paymentHash", "preimage", "bolt11", "maxFeeMsat"]);
      const [paymentHash, preimage] = [hashIn(body, "paymentHash"), hashIn(body, "preimage")];
      const request = { ...withdrawalIn(body), paymentHash, preimage };
      return payoutAnswer(await withdrawals.refund(c.get("owner"), request, key));
    })

    .get("/v1/payouts", onlyMerchants, async (c) => {
      const rows = await payouts.list(`merchant:${c.get("merchant").id}`);
      return c.json({ payouts: rows.map(payoutView) });
    })

    .get("/v1/payouts/:id", onlyMerchants, async (c) => {
      const id = c.req.param("id");
      const row = isId(id) ? await payouts.find(id) : undefined;
      // SECURITY: another's payout is none (http-attacks.test.ts, "the payout of another").
      const isTheirs = row?.account === `merchant:${c.get("merchant").id}`;
      if (!row || !isTheirs) throw problem("NOT_FOUND", "You have no payout with this id.");
      return c.json(payoutView(row));
    })

    .post("/v1/payouts/resume", onlyOwners, async (c) => {
      const owner = c.get("owner");
      await merchants.resumePayouts(owner);
      return c.json(merchantView((await merchants.byId(owner.id)) as Merchant));
    })

    .post("/v1/bills", onlyMerchants, async (c) => {
      const row = await invoices.bill(c.get("merchant"), idempotencyKeyOf(c.req.header("idempotency-key")));
      return c.json({ ...invoiceView(row, settings.clock()), bolt11: row.bolt11 }, 201);
    });
}

export function hashIn(body: Body, name: string): string {
  const text = body.text(name).toLowerCase();
  if (/^[0-9a-f]{64}$/.test(text)) return text;
  throw problem("BODY_INVALID", `${name} must be 64 hexadecimal characters.`);
}

/** What a database can be asked for. */
export const isId = (text: string): boolean => /^[a-z0-9]{1,40}$/.test(text);

/** What is asked for, by a merchant or by the operator. */
export const withdrawalIn = (body: Body) => ({
  bolt11: body.text("bolt11", { max: 8_000 }),
  ...(body.has("maxFeeMsat") && {
    maxFeeMsat: body.whole("maxFeeMsat", { min: 0, max: 1_000_000_000_000, code: "AMOUNT_INVALID" }),
  }),
});

/** With the payout as it ends, if that is soon. Otherwise the service goes on with it by itself. */
export async function payoutAnswer({ row, sent }: Withdrawal): Promise<Response> {
  // An error says nothing about the payment; whoever looks after payouts resolves it.
  const answered = sent.catch(() => row);
  const known = (await within(WAIT_MS, answered)) ?? row;
  const isOver = known.status === "paid" || known.status === "failed";
  return Response.json(payoutView(known), { status: isOver ? 201 : 202 });
}
