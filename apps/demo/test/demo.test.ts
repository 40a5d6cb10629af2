import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fakeBackend, fakeLightning } from "@l402/testing";
import { describe, expect, it } from "vitest";
import { root, startDemo } from "./start-demo.ts";

/** What differs from run to run: times, proofs, and what the shop picks by chance. */
const without = (output: string) =>
  output
    .replace(/\d+ ms/g, "… ms")
    .replace(/Done in [\d.]+ s/, "Done in … s")
    .replace(/Proof of payment: [0-9a-f]{8}/g, "Proof of payment: …")
    .replace(/"(weather|quote)":"[^"]*"/g, '"$1":"…"');

describe("npm run demo", () => {
  it("-- --once tells the story that the README shows, and ends", async () => {
    const { code, output } = await startDemo(["--once"]).ended;
    expect(code).toBe(0);
    const readme = readFileSync(`${root}/README.md`, "utf8");
    const [, recorded = ""] = /--once\n\n```\n(.*?)```/s.exec(readme) ?? [];
    expect(without(output)).toBe(without(recorded));
  });

  it("-- --once --json prints every step as data, and the money adds up", async () => {
    const { code, output } = await startDemo(["--once", "--json"]).ended;
    expect(code).toBe(0);
    const steps = output
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    const [before, after] = steps.filter(({ step }) => step === "balances").map(({ sats }) => sats);
    const paid = steps.filter(({ step }) => step === "paid");
    const spent = paid.reduce((sum, { sats, feeSats }) => sum + sats + feeSats, 0);
    expect(paid).toHaveLength(5);
    expect(before.buyer - after.buyer).toBe(spent);
    expect(after.seller + after.router).toBe(spent);
    expect(after.router).toBeGreaterThan(0);
    const statuses = steps.filter(({ step }) => step === "response").map(({ status }) => status);
    expect(statuses).toEqual([200, 402, 200, 200, 200, 200, 402, 200, 500, 200]);
  });

  it("goes on with a web page, on another port when one is taken, and Ctrl-C ends it", async () => {
    const squatter = createServer().listen(0, "127.0.0.1");
    await once(squatter, "listening");
    const { port } = squatter.address() as AddressInfo;
    const demo = startDemo(["--port", String(port)]);
    const [, url = ""] = await demo.says(/is taken\. Try it yourself at (\S+)/);
    squatter.close();
    expect(url).not.toContain(String(port));
    expect(await (await fetch(url)).text()).toContain("regtest");
    expect((await fetch(`${url}/weather`)).status).toBe(402);
    const forged = await fetch(`${url}/demo/buy/weather`, {
      method: "POST",
      headers: { origin: "https://evil.example" },
    });
    expect(forged.status).toBe(403);
    const payment = { method: "POST", body: "{}", headers: { origin: "https://evil.example" } };
    for (const path of ["/demo/wallet/payments", "/demo/pay"]) {
      expect((await fetch(url + path, payment)).status).toBe(403);
    }
    // The page shows what other programs paid too, with wallet.mjs.
    const { invoice: bolt11 } = (await (await fetch(`${url}/weather`)).json()) as { invoice: string };
    const paid = { method: "POST", body: JSON.stringify({ bolt11, maxFeeMsat: 5000 }) };
    expect(await (await fetch(`${url}/demo/wallet/payments`, paid)).json()).toMatchObject({ status: "paid" });
    const news = ((await fetch(`${url}/demo/news`)).body as ReadableStream<Uint8Array>).getReader();
    const decoder = new TextDecoder();
    let told = "";
    while (!told.includes('"seller":75')) told += decoder.decode((await news.read()).value, { stream: true });
    demo.child.kill("SIGINT");
    expect((await demo.ended).code).toBe(0);
  });

  it.each([
    ["an unknown flag", ["--twice"], "--twice"],
    ["a port that is none", ["--port", "http"], "--port http"],
    ["a port without a number", ["--port="], "--port"],
    ["something else", ["now"], "now"],
  ])("refuses %s with the usage and exit code 2", async (_, args, named) => {
    const { code, output } = await startDemo(args).ended;
    expect(code).toBe(2);
    expect(output).toContain(named);
    expect(output).toContain("Usage: npm run demo");
    expect(output).not.toContain("    at ");
  });

  it("-- --provider <file> uses a backend of one's own", async () => {
    const { code, output } = await startDemo(["--once", "--provider", "apps/demo/test/own-backend.mjs"]).ended;
    expect(code).toBe(0);
    expect(output).not.toContain("play-money");
    expect(output.match(/⚡ paid/g)).toHaveLength(5);
  });

  it("-- --provider <name> uses the backend of that name, from the variables of @l402/config", async () => {
    const { provider } = fakeLightning();
    const invoice = { amountMsat: 10_000, description: "GET /weather", expiresInSeconds: 600 };
    const { bolt11, paymentHash } = await provider.createInvoice(invoice);
    const reason = "cannot pay yourself";
    const phoenixd = await fakeBackend(async ({ path }) => {
      if (path === "/createinvoice") return { status: 200, body: { amountSat: 10, paymentHash, serialized: bolt11 } };
      if (path === "/payinvoice") return { status: 200, body: { type: "payment_failed", paymentHash, reason } };
      return { status: 404, body: "Not found" };
    });
    const variables = { PHOENIXD_URL: phoenixd.url, PHOENIXD_PASSWORD: "0".repeat(64), L402_NETWORK: "regtest" };
    const { code, output } = await startDemo(["--once", "--provider", "phoenixd"], variables).ended;
    await phoenixd.close();
    expect(output).toContain("your own backend, with the money of the network regtest");
    expect(output).toContain("← 402 Payment Required: 10 sats");
    expect(output.trim().split("\n").at(-1)).toBe("The payment is failed: phoenixd refused to pay the invoice.");
    expect(code).toBe(1);
  });

  it.each([
    ["a name without its variables", ["--provider", "lnd"], "lnd needs LND_URL and LND_MACAROON"],
    ["a name that is none", ["--provider", "phoenix"], "phoenixd"],
    ["a file that is not there", ["--provider", "./none.mjs"], "none.mjs"],
  ])("says in one line what is wrong with %s", async (_, args, named) => {
    const { code, output } = await startDemo(["--once", ...args]).ended;
    expect(code).toBe(1);
    expect(output).toContain(named);
    expect(output.trim().split("\n")).toHaveLength(1);
  });

  it("ends quietly when nobody reads on, as with `| head`", async () => {
    const demo = startDemo(["--once"]);
    await demo.says(/regtest/);
    demo.child.stdout.destroy();
    const { code, output } = await demo.ended;
    expect(output).not.toContain("EPIPE");
    expect(code).toBe(0);
  });

  it("opens no door to your own backend", async () => {
    const demo = startDemo(["--port", "0", "--provider", "apps/demo/test/own-backend.mjs"]);
    const [, url = ""] = await demo.says(/Try it yourself at (\S+)/);
    const payment = { method: "POST", body: "{}", headers: { origin: url } };
    for (const path of ["/demo/wallet/payments", "/demo/pay"]) {
      expect((await fetch(url + path, payment)).status).toBe(404);
    }
    demo.child.kill("SIGINT");
    expect((await demo.ended).output).not.toContain("l402 -- fetch");
  });

  it("-- --provider <file> says what the file lacks", async () => {
    const { code, output } = await startDemo(["--once", "--provider", "package.json"]).ended;
    expect(code).toBe(1);
    expect(output).not.toContain("    at ");
  });

  it("refuses to run in production", async () => {
    const { code, output } = await startDemo(["--once"], { NODE_ENV: "production" }).ended;
    expect(code).toBe(1);
    expect(output.trim().split("\n")).toHaveLength(1);
  });
});
