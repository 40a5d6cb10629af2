import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { type Denied, type LightningProvider, macaroonFormat } from "../src/index.ts";
import { openShop, request, SECRET } from "./shop.ts";

/** Everything a seller may print: decisions, errors with causes and stacks, events. */
const printed = (...values: unknown[]) => inspect(values, { depth: 20, showHidden: true }) + JSON.stringify(values);

describe("no decision, error or event carries a secret", () => {
  it.each([
    ["signed JSON", {}],
    ["macaroons", { tokenFormat: macaroonFormat() }],
  ])("with %s, through a sale and every way it can go wrong", async (_, options) => {
    const { paywall, buy, events, clock, lightning } = openShop(options);
    const terms = { price: 10 };
    const authorization = await buy("/a", terms);
    const [token, preimage] = authorization.replace("L402 ", "").split(":") as [string, string];
    const ask = (header: string, path = "/a", price = 10) =>
      paywall.gate(() => ({ price }))(request(path, { authorization: header }), undefined);

    const decisions = [
      await ask(`L402 ${token}:${preimage.slice(1)}`),
      await ask(`L402 ${token.slice(0, -4)}AAAA:${preimage}`),
      await ask(`L402 ${token}:${"00".repeat(32)}`),
      await ask([authorization, `LSAT ${token}x:${preimage}`].join(", ")),
      await ask(authorization, "/b"),
      await ask(authorization, "/a", 1000),
      await ask(authorization),
      await ask(authorization),
    ];
    clock.advanceSeconds(1e6);
    decisions.push(await ask(authorization));
    lightning.always("createInvoice", "PROVIDER_UNAUTHORIZED");
    decisions.push(await ask(authorization));
    expect(decisions.map((decision) => decision.outcome === "denied" && decision.error.code)).toEqual([
      "CREDENTIAL_MALFORMED",
      expect.stringMatching(/MALFORMED|NOT_AUTHENTIC/),
      "CREDENTIAL_PREIMAGE_MISMATCH",
      "CREDENTIAL_MALFORMED",
      "CREDENTIAL_WRONG_RESOURCE",
      "CREDENTIAL_UNDERPAID",
      false,
      "CREDENTIAL_USED_UP",
      "CREDENTIAL_EXPIRED",
      "PROVIDER_UNAUTHORIZED",
    ]);
    const everything = printed(decisions, events, paywall);
    for (const secret of [token, preimage, SECRET]) expect(everything).not.toContain(secret);
  });

  it("to a buyer, whose answer does not even say what the seller uses", async () => {
    const consume = (): never => {
      throw Object.assign(new Error("no Redis at 10.0.0.7"), { code: "ECONNREFUSED" });
    };
    const { paywall, buy, events } = openShop({ useStore: { consume, release: consume } });
    const decision = await paywall.check(request("/a", { authorization: await buy("/a", { price: 10 }) }), {
      price: 10,
    });
    const { reply } = decision as Denied;
    expect(reply.status).toBe(503);
    expect(reply.body).not.toMatch(/ECONNREFUSED|Redis|use store/);
    // The seller reads it.
    expect(events.at(-1)).toMatchObject({ error: { message: "The use store failed (ECONNREFUSED)." } });
  });

  it("whatever a backend says when it fails", async () => {
    const { lightning } = openShop();
    const leak = (): never => {
      throw Object.assign(new Error("401 for key sk_live_1234"), {
        code: "ECONNRESET",
        config: { apiKey: "sk_live_1234" },
      });
    };
    const provider: LightningProvider = { ...lightning.provider, createInvoice: leak, lookupInvoice: leak };
    const { paywall, events } = openShop({
      provider,
      useStore: { consume: leak, release: leak },
      paymentLog: { record: leak },
    });
    const decision = await paywall.check(request("/a"), { price: 10 });
    expect(printed(decision, events)).not.toContain("sk_live_1234");
    expect(printed(decision)).toContain("ECONNRESET");
  });

  it.each([
    ["ECONNREFUSED", true],
    ["EAI_AGAIN", true],
    ["ERR_TLS_CERT_ALTNAME_INVALID", true],
    ["UND_ERR_CONNECT_TIMEOUT", true],
    ["SK_LIVE_1234", false],
    ["AKIAIOSFODNN7EXAMPLE", false],
    ["E", false],
    ["ERR_", false],
    ["ESECRET_KEY", false],
    [`E${"X".repeat(21)}`, false],
    ["E_SECRET", false],
    ["ECONNREFUSED by key sk_live_1234", false],
    ["econnrefused", false],
    [5, false],
  ])("a system code is told, and nothing that only looks like one: %s", async (code, isTold) => {
    const { lightning } = openShop();
    const createInvoice = () => Promise.reject(Object.assign(new Error("x"), { code }));
    const { paywall } = openShop({ provider: { ...lightning.provider, createInvoice } });
    const decision = await paywall.check(request("/a"), { price: 10 });
    expect((decision as Denied).error.message).toBe(
      `Provider "${lightning.provider.name}" failed${isTold ? ` (${code})` : ""}.`,
    );
  });
});
