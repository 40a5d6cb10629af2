import { createHash } from "node:crypto";
import { type Context, Hono } from "hono";
import { neededIdempotencyKey } from "../http/merchant-key.ts";
import { hashIn, isId, payoutAnswer, withdrawalIn } from "../http/payout-routes.ts";
import { answerTo } from "../http/problem-response.ts";
import { type Body, readBody } from "../http/read-body.ts";
import type { RequestMetrics } from "../http/request-metrics.ts";
import { payoutView } from "../http/views.ts";
import type { Switch } from "../operator/switches.ts";
import type { Confirmation } from "../payouts/end-by-hand.ts";
import { problem } from "../problem.ts";
import type { Service } from "../service.ts";
import { isOperator } from "./admin-key.ts";
import { adminPage } from "./admin-page.ts";
import { ADMIN_STYLE } from "./admin-style.ts";
import { metricsText } from "./metrics-text.ts";
import { remember } from "./remember.ts";

export interface AdminOptions {
  adminKey: string;
  metrics: RequestMetrics;
  onError?(error: Error): void;
}

const SWITCHES: readonly Switch[] = ["payouts_paused", "invoices_stopped", "winding_down"];
const STATISTICS_MS = 10_000;
const AUDIT_MS = 300_000;

const styleHash = createHash("sha256").update(ADMIN_STYLE).digest("base64");
/** SECURITY: no script runs in this page, and it loads nothing (admin.test.ts, "runs no script"). */
const POLICY = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** What only the operator may see and do: a page, metrics, and the commands of `npm run managed`. */
export function createAdmin(service: Service, { adminKey, metrics, onError = console.error }: AdminOptions) {
  const { settings, solvency, switches, withdrawals } = service;
  const statistics = remember(() => service.statistics(30), STATISTICS_MS);
  const audited = remember(async () => ({ broken: await solvency.audit(), at: settings.clock() }), AUDIT_MS);

  const admin = new Hono();
  admin.use(async (c, next) => {
    if (!isOperator(adminKey, c.req.method, c.req.header("authorization"))) {
      throw problem("KEY_WRONG", "This operation needs the key of the operator (MANAGED_ADMIN_KEY).");
    }
    await next();
    c.header("cache-control", "no-store");
    c.header("x-content-type-options", "nosniff");
    c.header("referrer-policy", "no-referrer");
    c.header("content-security-policy", POLICY);
  });

  admin.get("/", async (c) => {
    const [audit, rules, measured, on, totals, balances, payouts, alarms] = await Promise.all([
      ...([audited(), service.rules(), solvency.measure(), switches.read(), statistics()] as const),
      ...([service.largestBalances(8), service.payouts.list(null, 9), service.notices.list(null, 6)] as const),
    ]);
    const { network, provider, database } = settings;
    const about = { network, provider: provider.name, database: database.name, now: settings.clock() };
    return c.html(adminPage({ about, audit, rules, solvency: measured, on, totals, balances, payouts, alarms }));
  });

  admin.get("/metrics", async (c) =>
    c.body(`${await metricsText(service, statistics)}${metrics.text()}`, 200, {
      "content-type": "text/plain; version=0.0.4; charset=utf-8",
    }),
  );

  admin.get("/solvency", async (c) => c.json(await solvency.measure()));
  admin.post("/audit", async (c) => c.json({ brokenRules: await solvency.audit() }));
  admin.post("/wind-down", async (c) => c.json(await service.windDown()));

  admin.post("/signing-keys", async (c) => c.json({ publicKey: await service.roots.rotateKey() }, 201));

  admin.put("/switches/:name", async (c) => {
    const name = switchNamed(c.req.param("name"));
    const reason = (await readBody(c.req.raw, ["reason"])).text("reason", { max: 200 });
    await switches.turnOn(name, reason || "The operator has stopped this operation.");
    return c.json(Object.fromEntries(await switches.read()));
  });
  admin.delete("/switches/:name", async (c) => {
    await switches.turnOff(switchNamed(c.req.param("name")));
    return c.json(Object.fromEntries(await switches.read()));
  });

  admin.post("/fee-withdrawals", async (c) => {
    const key = neededIdempotencyKey(c.req.header("idempotency-key"));
    const request = withdrawalIn(await readBody(c.req.raw, ["bolt11", "maxFeeMsat"]));
    return payoutAnswer(await withdrawals.forOperator(request, key));
  });

  admin.post("/payouts/:id/give-up", async (c) => c.json(payoutView(await service.giveUpPayout(idIn(c)))));
  admin.post("/payouts/:id/confirm", async (c) => {
    const body = await readBody(c.req.raw, ["feeMsat", "preimage", "evidence"]);
    return c.json(payoutView(await service.confirmPayout(idIn(c), confirmationIn(body))));
  });

  admin.notFound(() => {
    throw problem("NOT_FOUND", "This path does not exist.");
  });
  admin.onError((error, c) => {
    const response = answerTo(error, "An internal error occurred. See the log of the service.", onError);
    // So that a browser asks for the key.
    if (response.status === 401 && c.req.path === "/") {
      response.headers.set("www-authenticate", 'Basic realm="L402 managed service", charset="UTF-8"');
    }
    return response;
  });
  return admin;
}

function idIn(c: Context): string {
  const id = c.req.param("id") ?? "";
  if (isId(id)) return id;
  throw problem("NOT_FOUND", "This is not a valid payout id.");
}

function confirmationIn(body: Body): Confirmation {
  const feeMsat = body.whole("feeMsat", { min: 0, max: Number.MAX_SAFE_INTEGER, code: "AMOUNT_INVALID" });
  if (body.has("preimage") === body.has("evidence"))
    throw problem("BODY_INVALID", "Send the preimage, or else as evidence what shows that the payment arrived.");
  if (body.has("preimage")) return { feeMsat, preimage: hashIn(body, "preimage") };
  const evidence = body.text("evidence", { max: 500 }).replace(/\p{C}/gu, " ").trim();
  if (evidence === "") throw problem("BODY_INVALID", "evidence must not be empty.");
  return { feeMsat, evidence };
}

function switchNamed(name: string): Switch {
  const found = SWITCHES.find((each) => each === name);
  if (!found) throw problem("NOT_FOUND", `The switches are ${SWITCHES.join(", ")}.`);
  return found;
}
