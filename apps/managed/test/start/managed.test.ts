import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createL402Client } from "@l402/client";
import { createMemoryUseStore, createPaywall, type LightningWallet } from "@l402/core";
import { l402 } from "@l402/hono";
import { createManaged } from "@l402/managed";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { listen } from "../../src/http/listen.ts";
import { operatorCommand } from "../../src/start/operator-command.ts";
import { type Running, runManaged, startManaged } from "./running.ts";

// `npm run managed`, in a process of its own: real Lightning nodes, Postgres embedded, nothing set up. It is only spoken
// to over HTTP.

let running: Running;
beforeAll(async () => {
  running = await startManaged();
}, 120_000);
afterAll(async () => {
  expect(await running.stop()).toBe(0);
});

const readme = readFileSync(fileURLToPath(new URL("../../README.md", import.meta.url)), "utf8");
const ask = async (path: string, key?: string, json?: object) => {
  const response = await fetch(`${running.url}${path}`, {
    ...(key !== undefined && { headers: { authorization: `Bearer ${key}` } }),
    ...(json && { method: "POST", body: JSON.stringify(json) }),
  });
  return response.json();
};
const signUp = (user: string) =>
  ask("/v1/merchants", undefined, { lightningAddress: `${user}@${new URL(running.url).host}` });
const shell = (text: string) => execFileSync("bash", ["-euo", "pipefail", "-c", text], { encoding: "utf8" });

describe("npm run managed", () => {
  it("prints what the README shows, and lines that can be copied as they are", async () => {
    const port = new URL(running.url).port;
    const printed = /(^ {2}ACCOUNT=[\s\S]*?statement\.csv.*$)/m.exec(running.output())?.[1] ?? "";
    const lines = printed.split("\n").map((line) => line.trim());
    const [, shown = ""] = /```sh\n(ACCOUNT=[\s\S]*?)```/.exec(readme) ?? [];
    expect(shown.trim().split("\n")).toEqual(
      lines.map((line) => line.replaceAll(`127.0.0.1:${port}`, "127.0.0.1:4020")),
    );

    const output = shell(lines.join("\n"));
    expect(output).toContain('"apiKey":"l402m_');
    expect(output).toContain('"status":"paid","preimage":"');
    expect(output).toMatch(/payment,[0-9a-f]{64},,150000,450,/);
  });

  it("answers the README's tour of the API as it should", async () => {
    const [, tour = ""] = /```sh\n(URL=[\s\S]*?)```/.exec(readme) ?? [];
    const output = shell(tour.replace("http://127.0.0.1:4020", running.url));
    const [paid, invoice, withdrawal, statement, payouts, account, notices, root, compatible, ...more] = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(more).toEqual([]);
    expect([paid.status, invoice.status, invoice.feeMsat]).toEqual(["paid", "settled", 150]);
    expect(withdrawal).toMatchObject({ status: "paid", amountMsat: 20_000, preimage: expect.any(String) });
    expect(statement.lines).toHaveLength(3);
    expect(payouts.payouts).toEqual([withdrawal]);
    expect(account.nextAddress.lightningAddress).toMatch(/^new@/);
    expect(notices.notices).toHaveLength(1);
    expect(JSON.parse(root.statement)).toMatchObject({ network: "regtest", nodeMsat: expect.any(Number) });
    expect(compatible.paymentRequest).toMatch(/^lnbcrt/);
  });

  it("sells for an app over real Lightning, and the payout arrives at the merchant's node", async () => {
    const { apiKey } = await signUp("shop");
    const provider = createManaged({ url: running.url, apiKey });
    const paywall = createPaywall({
      provider,
      secret: "a secret for tests, at least 32 bytes long",
      useStore: createMemoryUseStore(),
      network: "regtest",
    });
    const shop = await listen(
      new Hono().get("/report", l402(paywall, { price: 40 }), (c) => c.text("the report")).fetch,
      "127.0.0.1",
      0,
    );
    const client = createL402Client({ wallet: buyerBehind(running.url), network: "regtest" });
    try {
      for (let i = 0; i < 5; i++) {
        const response = await client.fetch(`${shop.url}/report`);
        expect(await response.text()).toBe("the report");
      }
    } finally {
      await shop.close();
    }

    const lines = await vi.waitFor(
      async () => {
        const statement = await ask("/v1/statement", apiKey);
        expect(statement.lines.some((line: { kind: string }) => line.kind === "payout-paid")).toBe(true);
        return statement.lines as Record<string, number & string>[];
      },
      { timeout: 20_000, interval: 200 },
    );
    const payments = lines.filter(({ kind }) => kind === "payment");
    expect(payments.map(({ amountMsat, feeMsat }) => [amountMsat, feeMsat])).toEqual(Array(5).fill([40_000, 120]));
    const paid = lines.find(({ kind }) => kind === "payout-paid") as Record<string, number & string>;
    expect(createHash("sha256").update(String(paid.preimage), "hex").digest("hex")).toBe(paid.paymentHash);
    // To the millisatoshi: what came in is what went out, what the service took, and what is left.
    const out = lines
      .filter(({ kind }) => kind === "payout-paid")
      .reduce((sum, l) => sum + Number(l.amountMsat) + Number(l.routingFeeMsat), 0);
    const { availableMsat, pendingMsat } = await ask("/v1/balance", apiKey);
    expect(availableMsat + pendingMsat + out).toBe(5 * (40_000 - 120));
  });

  it("shows its operator the books, who has the key that it printed", async () => {
    const look = (path: string, key: string, method = "GET") =>
      fetch(`${running.adminUrl}${path}`, { method, headers: { authorization: `Bearer ${key}` } });
    expect((await look("/", "0".repeat(48))).status).toBe(401);
    expect(await (await look("/", running.adminKey)).text()).toContain("Solvent");
    expect(await (await look("/metrics", running.adminKey)).text()).toContain("managed_solvent 1");
    expect(await (await look("/audit", running.adminKey, "POST")).json()).toEqual({ brokenRules: [] });
  });

  it("takes the operator's commands", async () => {
    const env = { MANAGED_ADMIN_URL: running.adminUrl, MANAGED_ADMIN_KEY: running.adminKey };
    const solvency = await runManaged(["solvency"], env);
    expect([solvency.exitCode, JSON.parse(solvency.output).isSolvent]).toEqual([0, true]);
    const run = (args: string[], more = {}) => operatorCommand(args, { ...env, ...more });
    const paused = await run(["pause-payouts", "We", "move."]);
    expect(JSON.parse(paused.text)).toEqual({ payouts_paused: "We move." });
    expect(JSON.parse((await run(["resume-payouts"])).text)).toEqual({});

    const { bolt11 } = await ask("/regtest/invoice", undefined, { amountMsat: 1_000_000 });
    const tooMuch = await run(["withdraw-fees", bolt11, "1"]);
    expect([tooMuch.exitCode, JSON.parse(tooMuch.text).code]).toEqual([1, "BALANCE_TOO_LOW"]);
    const wrong = await run(["solvency"], { MANAGED_ADMIN_KEY: "0".repeat(48) });
    expect([wrong.exitCode, JSON.parse(wrong.text).code]).toEqual([1, "KEY_WRONG"]);
    for (const args of [["windown"], ["withdraw-fees"], ["pause-payouts"], ["toString"]]) {
      expect(await run(args)).toEqual({ exitCode: 2, text: expect.stringContaining("wind-down") });
    }
    expect((await operatorCommand(["solvency"], {})).text).toContain("Set MANAGED_ADMIN_KEY");
    const nobody = await run(["solvency"], { MANAGED_ADMIN_URL: "http://127.0.0.1:1" });
    expect(nobody).toEqual({ exitCode: 1, text: expect.stringContaining("No service answers") });

    // The last one: the service ends, and everything that can be paid out is.
    const end = JSON.parse((await run(["wind-down"])).text);
    expect(end.left.every(({ msat }: { msat: number }) => msat < 1_000)).toBe(true);
    const order = { lightningAddress: `late@${new URL(running.url).host}`, amountMsat: 1_000 };
    expect((await ask("/v1/invoices", undefined, order)).code).toBe("INVOICES_STOPPED");
  });
});

/** Pays from the buyer's node of the service's regtest. */
function buyerBehind(url: string): LightningWallet {
  return {
    name: "buyer",
    async payInvoice({ bolt11 }) {
      const response = await fetch(`${url}/regtest/pay`, { method: "POST", body: JSON.stringify({ bolt11 }) });
      return response.json();
    },
    lookupPayment: async () => ({ status: "not-found" }),
  };
}
