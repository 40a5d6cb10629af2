import { MAX_LINES, type StatementLine, statementCsv } from "../ledger/statement.ts";
import type { Merchant } from "../merchants/merchants.ts";
import { problem } from "../problem.ts";
import type { ApiParts } from "./api-context.ts";
import { readBody } from "./read-body.ts";
import { merchantView } from "./views.ts";

/** Registering asks a stranger's server. */
const REGISTRATION_COST = 25;

/** A merchant's account: its address, its balance, and what happened. */
export function accountRoutes({ service, factory, limitClient, limitStranger, onlyMerchants, onlyOwners }: ApiParts) {
  const { merchants, notices } = service;
  const fresh = async ({ id }: Merchant) => merchantView((await merchants.byId(id)) as Merchant);

  const pageOf = (query: (name: string) => string | undefined) => ({
    after: numberIn("after", query("after"), { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 0 }),
    limit: numberIn("limit", query("limit"), { min: 1, max: MAX_LINES, fallback: 100 }),
  });

  async function* csvPages(merchantId: string): AsyncGenerator<string> {
    let [after, isFirst] = [0, true];
    for (;;) {
      const lines = await service.statement(merchantId, { after, limit: MAX_LINES });
      const text = statementCsv(lines);
      yield isFirst ? text : text.slice(text.indexOf("\n") + 1);
      if (lines.length < MAX_LINES) return;
      [after, isFirst] = [(lines.at(-1) as StatementLine).cursor, false];
    }
  }

  return factory
    .createApp()
    .post("/v1/merchants", async (c) => {
      limitStranger(c, REGISTRATION_COST);
      const body = await readBody(c.req.raw, ["lightningAddress", "mode"]);
      const address = body.text("lightningAddress", { max: 320 });
      const mode = body.has("mode") ? body.oneOf("mode", ["custodial", "direct"]) : "custodial";
      const { merchant, apiKey, ownerKey } = await merchants.register(address, mode);
      return c.json({ ...merchantView(merchant), apiKey, ownerKey }, 201);
    })

    .get("/v1/merchant", onlyMerchants, async (c) => c.json(await fresh(c.get("merchant"))))

    .put("/v1/merchant/address", onlyOwners, async (c) => {
      limitClient(c, REGISTRATION_COST);
      const body = await readBody(c.req.raw, ["lightningAddress"]);
      const owner = c.get("owner");
      await merchants.changeAddress(owner, body.text("lightningAddress", { max: 320 }));
      return c.json(await fresh(owner), 202);
    })

    .post("/v1/merchant/keys", onlyOwners, async (c) => {
      const which = (await readBody(c.req.raw, ["key"])).oneOf("key", ["api", "owner"]);
      const key = await merchants.changeKey(c.get("owner"), which);
      return c.json(which === "api" ? { apiKey: key } : { ownerKey: key }, 201);
    })

    .get("/v1/balance", onlyMerchants, async (c) => c.json(await service.balance(c.get("merchant").id)))

    .get("/v1/statement", onlyMerchants, async (c) => {
      const { after, limit } = pageOf((name) => c.req.query(name));
      const lines = await service.statement(c.get("merchant").id, { after, limit });
      return c.json({ lines, next: lines.length < limit ? null : (lines.at(-1) as StatementLine).cursor });
    })

    .get("/v1/statement.csv", onlyMerchants, async (c) => {
      const pages = csvPages(c.get("merchant").id);
      // The first one now, so that a database that is away is an error and no empty file.
      const first = await pages.next();
      const encoder = new TextEncoder();
      const stream = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(encoder.encode(first.value ?? "")),
        async pull(controller) {
          const { value, done } = await pages.next();
          if (done) controller.close();
          else controller.enqueue(encoder.encode(value));
        },
      });
      return c.body(stream, 200, {
        "content-type": "text/csv; charset=utf-8",
        "content-disposition": 'attachment; filename="statement.csv"',
      });
    })

    .get("/v1/notices", onlyMerchants, async (c) => c.json({ notices: await notices.list(c.get("merchant").id) }));
}

interface Range {
  min: number;
  max: number;
  fallback: number;
}

function numberIn(name: string, text: string | undefined, { min, max, fallback }: Range): number {
  if (text === undefined) return fallback;
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw problem("QUERY_INVALID", `${name} must be a whole number from ${min} to ${max}.`);
}
