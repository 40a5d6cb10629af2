import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isOperator } from "../../src/admin/admin-key.ts";
import { createAdmin } from "../../src/admin/create-admin.ts";
import { createRequestMetrics } from "../../src/http/request-metrics.ts";
import { openWorld, type World } from "../world.ts";

const KEY = "7f3a9c51e2d84b60a1c7e9f2b5d83640";
let world: World;
let admin: ReturnType<typeof createAdmin>;
beforeAll(async () => {
  world = await openWorld();
  const metrics = createRequestMetrics();
  metrics.count("GET", "/v1/balance", 200, 3);
  admin = createAdmin(world.service, { adminKey: KEY, metrics });
  const { merchant } = await world.register("anna");
  await world.sell(merchant, 5_000_000);
});
afterAll(() => world.close());

interface Ask {
  method?: string;
  json?: object;
  authorization?: string | undefined;
  headers?: Record<string, string>;
}

async function ask(path: string, { method = "GET", json, headers = {}, ...rest }: Ask = {}) {
  const authorization = "authorization" in rest ? rest.authorization : `Bearer ${KEY}`;
  const response = await admin.request(path, {
    method,
    headers: { ...(authorization !== undefined && { authorization }), ...headers },
    ...(json && { body: JSON.stringify(json) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: /^[{[]/.test(text) ? JSON.parse(text) : text,
  };
}

const password = (text: string) => `Basic ${btoa(`operator:${text}`)}`;

describe("the operator's key", () => {
  it.each([
    ["nothing", undefined],
    ["another key", `Bearer ${"0".repeat(32)}`],
    ["a part of it", `Bearer ${KEY.slice(0, -1)}`],
    ["more than it", `Bearer ${KEY}0`],
    ["an empty one", "Bearer "],
    ["a wrong password", password("admin")],
    ["an empty password", password("")],
    ["the key as a user", `Basic ${btoa(`${KEY}:`)}`],
    ["the key without a scheme", KEY],
  ])("%s opens nothing", async (_, authorization) => {
    for (const path of ["/", "/metrics", "/solvency", "/nowhere"]) {
      const { status, text } = await ask(path, { authorization });
      expect([path, status]).toEqual([path, 401]);
      expect(text).not.toContain("anna");
    }
  });

  it("compares keys by their hashes, so that lengths and beginnings take the same time", () => {
    expect(isOperator(KEY, "GET", `Bearer ${KEY}`)).toBe(true);
    expect(isOperator(KEY, "GET", password(KEY))).toBe(true);
    for (const given of ["", "7", KEY.slice(0, 31), KEY.toUpperCase(), `${KEY}${KEY}`, "x".repeat(10_000)]) {
      expect(isOperator(KEY, "GET", `Bearer ${given}`)).toBe(false);
    }
  });

  it("as a browser's password only looks: a form of another site changes nothing", async () => {
    for (const path of ["/wind-down", "/audit", "/fee-withdrawals", "/signing-keys"]) {
      expect((await ask(path, { method: "POST", authorization: password(KEY), json: {} })).status).toBe(401);
    }
    const paused = await ask("/switches/payouts_paused", {
      method: "PUT",
      authorization: password(KEY),
      json: { reason: "evil" },
    });
    expect(paused.status).toBe(401);
    expect((await world.service.switches.read()).size).toBe(0);
  });

  it("is asked for by browsers on the page", async () => {
    const { headers } = await ask("/", { authorization: undefined });
    expect(headers.get("www-authenticate")).toMatch(/^Basic realm=/);
  });
});

describe("the page", () => {
  it("shows balances, payouts, invariants and charts", async () => {
    const { status, headers, text } = await ask("/", { authorization: password(KEY) });
    expect([status, headers.get("content-type")]).toEqual([200, "text/html; charset=UTF-8"]);
    for (const shown of [
      "Solvent",
      "Payouts run",
      "Owed to merchants",
      "1 merchant, 0 parked",
      "4,985<",
      "anna@127.0.0.1",
      "<svg",
      "all entries sum to zero",
    ]) {
      expect(text).toContain(shown);
    }
    expect(text.match(/<li>/g)?.length).toBe((await world.service.rules()).length);
    expect((await world.service.rules()).length).toBeGreaterThanOrEqual(9);
  });

  it("runs no script and loads nothing, by a policy that its style fits", async () => {
    const { headers, text } = await ask("/");
    const policy = headers.get("content-security-policy") ?? "";
    const style = /<style>([\s\S]*?)<\/style>/.exec(text)?.[1] ?? "";
    expect(policy).toContain(`style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`);
    expect(policy).toContain("default-src 'none'");
    expect(text).not.toMatch(/<script|<link|<img|src=|href=|url\(|@import|\sstyle=|\son\w+=/i);
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  });

  it("escapes what others have written, and shows what is wrong", async () => {
    const evil = `<img src=x onerror="alert(1)">`;
    await world.service.switches.turnOn("payouts_paused", evil);
    const { merchant } = await world.register("bob");
    await world.sell(merchant, 1_000_000);
    await world.database.query("update managed.merchants set lightning_address = $1, parked_at = now() where id = $2", [
      `${evil}@example.com`,
      merchant.id,
    ]);
    try {
      const { text } = await ask("/");
      expect(text).toContain("Payouts paused");
      expect(text).toContain("parked");
      expect(text).toContain("&lt;img src=x");
      expect(text).not.toContain("<img");
    } finally {
      await world.service.switches.turnOff("payouts_paused");
    }
  });
});

describe("metrics", () => {
  it("are what Prometheus reads: one line for each, and all of the books", async () => {
    const { status, headers, text } = await ask("/metrics");
    expect([status, headers.get("content-type")]).toEqual([200, "text/plain; version=0.0.4; charset=utf-8"]);
    const names = new Set<string>();
    for (const line of text.trim().split("\n")) {
      expect(line).toMatch(/^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[\d.e+-]+)$/);
      names.add(line.replace(/^# (HELP|TYPE) /, "").split(/[ {]/)[0] as string);
    }
    expect([...names]).toEqual(
      expect.arrayContaining(["managed_solvent", "managed_owed_msat", "managed_payouts", "http_requests_total"]),
    );
    const { owedMsat } = await world.service.solvency.measure();
    expect(text).toContain(`managed_owed_msat ${owedMsat}\n`);
    expect(text).toContain('http_requests_total{method="GET",route="/v1/balance",status="200"} 1');
  });
});

describe("commands", () => {
  it("solvency and audit", async () => {
    const { body } = await ask("/solvency");
    expect(body).toMatchObject({ isSolvent: true, owedMsat: expect.any(Number), heldMsat: expect.any(Number) });
    expect((await ask("/audit", { method: "POST" })).body).toEqual({ brokenRules: [] });
  });

  it("switches stop and go on, and there are no others", async () => {
    const path = "/switches/invoices_stopped";
    expect((await ask(path, { method: "PUT", json: { reason: "We move." } })).body).toEqual({
      invoices_stopped: "We move.",
    });
    expect((await ask(path, { method: "DELETE" })).body).toEqual({});
    expect((await ask("/switches/constructor", { method: "PUT", json: { reason: "x" } })).status).toBe(404);
  });

  it("fees are withdrawn up to the last, and nothing above", async () => {
    const { balance } = await world.service.solvency.measure();
    const invoiceOf = async (amountMsat: number) =>
      (await world.outside.provider.createInvoice({ amountMsat, description: "", expiresInSeconds: 600 })).bolt11;
    const withdraw = async (amountMsat: number, key: string) =>
      ask("/fee-withdrawals", {
        method: "POST",
        json: { bolt11: await invoiceOf(amountMsat), maxFeeMsat: 0 },
        headers: { "idempotency-key": key },
      });
    const tooMuch = await withdraw(balance.feeMsat + 1, "1");
    expect([tooMuch.status, tooMuch.body.code]).toEqual([409, "BALANCE_TOO_LOW"]);
    const all = await withdraw(balance.feeMsat, "2");
    expect([all.status, all.body.status]).toEqual([201, "paid"]);
    expect((await world.service.solvency.measure()).balance.feeMsat).toBe(0);
    const without = await ask("/fee-withdrawals", { method: "POST", json: { bolt11: "x" } });
    expect(without.body.code).toBe("IDEMPOTENCY_KEY_MISSING");
  });

  it("the key that signs balances is changed, and the operator hears of it", async () => {
    const { status, body } = await ask("/signing-keys", { method: "POST" });
    expect([status, body]).toEqual([201, { publicKey: expect.stringMatching(/^[\w-]{43}$/) }]);
    expect(world.alarms.at(-1)).toContain(body.publicKey);
  });

  it("a payout that is not under way is not given up", async () => {
    for (const id of ["none", "%00", "..", "x".repeat(41)]) {
      expect((await ask(`/payouts/${id}/give-up`, { method: "POST" })).status).toBe(404);
    }
  });

  it("wind-down pays out what can be, and says what is left and why", async () => {
    const { merchant } = await world.register("poor");
    await world.sell(merchant, 900);
    const { status, body } = await ask("/wind-down", { method: "POST" });
    expect(status).toBe(200);
    expect(body.payouts).toBeGreaterThan(0);
    expect(body.left).toContainEqual(expect.objectContaining({ merchantId: merchant.id, msat: 898 }));
    expect((await ask("/")).text).toContain("Winding down");
    expect(body.left.every(({ why }: { why: string }) => why !== "")).toBe(true);
  });
});
