import { writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openFakeShop } from "./fake-shop.ts";
import { dir, l402 } from "./l402-process.ts";

const CANARY = "c4n4ry5ec2e7";
const shop = await openFakeShop({});

const walletFile = (name: string, code: string) => {
  writeFileSync(`${dir}/${name}.mjs`, code);
  return { L402_WALLET: `${dir}/${name}.mjs`, L402_NETWORK: "regtest" };
};

describe.concurrent("no secret is printed", () => {
  it.each([
    ["of arguments", ["fetch", `https://user:${CANARY}@example.com`]],
    ["of arguments", ["fetch", `http:// ${CANARY}`]],
    ["of arguments", ["fetch", "-H", `X-Key ${CANARY}`, "https://example.com"]],
    ["of arguments", ["fetch", "-H", `X-Key: ${CANARY}\n`, "-X", "G T", "https://example.com"]],
    ["of arguments", ["fetch", `https://127.0.0.1:1/${CANARY}?key=${CANARY}`]],
    ["of arguments", ["decode", `L402 ${CANARY}:${CANARY}`]],
  ])("%s: %j", async (_, args) => {
    const { code, all } = await l402(args);
    expect(code).not.toBe(0);
    expect(all).not.toContain(CANARY);
  });

  it.each(["human", "--json"])("of settings, by fetch and doctor (%s)", async (format) => {
    const settings: Record<string, string>[] = [
      { L402_WALLET: `nostr+walletconnect://${CANARY}?secret=${CANARY}` },
      { L402_WALLET: "lnd", LND_URL: `https://x:${CANARY}@127.0.0.1`, LND_MACAROON: CANARY },
      { L402_WALLET: "lnd", LND_URL: "https://127.0.0.1:1", LND_MACAROON: `${"0201".repeat(20)}` },
      {
        L402_WALLET: "alby",
        ALBY_URL: `nostr+walletconnect://${"a".repeat(64)}?relay=ws://127.0.0.1:1&secret=${CANARY}`,
      },
      {
        L402_PROVIDER: "phoenixd",
        PHOENIXD_URL: "http://127.0.0.1:1",
        PHOENIXD_PASSWORD: CANARY,
        L402_SECRET: CANARY,
        REDIS_URL: `redis://:${CANARY}@127.0.0.1:1`,
      },
    ];
    await Promise.all(
      settings.map(async (env) => {
        const base = { L402_NETWORK: "regtest", ...env };
        for (const args of [["fetch", `${shop.url}/weather`], ["doctor"]]) {
          const { code, all } = await l402(format === "human" ? args : [...args, format], { env: base });
          expect(code).not.toBe(0);
          expect(all).not.toContain(CANARY);
          expect(all).not.toContain("0201".repeat(20));
        }
      }),
    );
  });

  it("of what a wallet logs", async () => {
    const env = walletFile(
      "chatty",
      `console.log("${CANARY}"); console.error("${CANARY}"); console.warn("${CANARY}");
       export const wallet = { name: "w", payInvoice: async () => ({ status: "failed", reason: "empty" }), lookupPayment: async () => ({ status: "not-found" }) };`,
    );
    const { code, all, stderr, json } = await l402(["fetch", "--json", `${shop.url}/weather`], { env });
    expect({ code, stderr }).toEqual({ code: 4, stderr: "" });
    expect(json().error).toMatchObject({ code: "PAYMENT_FAILED", fundsMoved: "no" });
    expect(all).not.toContain(CANARY);
  });

  it.each([
    ["a rejection", `Promise.reject(new Error("${CANARY}"))`],
    ["an exception", `setTimeout(() => { throw new Error("${CANARY}"); })`],
  ])("of what a wallet's library leaves to nobody, and the payment goes on: %s", async (name, stray) => {
    const env = walletFile(
      `stray ${name}`,
      `const later = () => new Promise((resolve) => setTimeout(resolve, 100));
       export const wallet = { name: "w", async payInvoice() { ${stray}; await later(); return { status: "failed", reason: "empty" }; }, lookupPayment: async () => ({ status: "not-found" }) };`,
    );
    const { code, all, stderr, json } = await l402(["fetch", "--json", `${shop.url}/weather`], { env });
    expect({ code, stderr }).toEqual({ code: 4, stderr: "" });
    expect(json().error).toMatchObject({ code: "PAYMENT_FAILED", fundsMoved: "no" });
    expect(all).not.toContain(CANARY);
  });

  it("of what a wallet throws, nor of a bug", async () => {
    const thrower = walletFile("thrower", `throw new Error("${CANARY}");`);
    const failing = walletFile(
      "failing",
      `export const wallet = { name: "w", payInvoice() { throw new Error("${CANARY}"); }, lookupPayment() { throw new Error("${CANARY}"); } };`,
    );
    const strange = walletFile(
      "strange",
      `export const wallet = { name: "w", feeReserveMsat() { throw new Error("${CANARY}"); }, payInvoice() {}, lookupPayment() {} };`,
    );
    const [first, second, third] = await Promise.all(
      [thrower, failing, strange].map((env) => l402(["fetch", `${shop.url}/weather`], { env })),
    );
    expect(first).toMatchObject({ code: 2, stderr: expect.stringContaining('Run "node') });
    expect(second).toMatchObject({ code: 5, stderr: expect.stringContaining("The payment may have been made.") });
    expect(third).toMatchObject({ code: 1, stderr: expect.stringContaining("BUG Unexpected Error in l402 itself") });
    for (const { all } of [first, second, third] as { all: string }[]) expect(all).not.toContain(CANARY);
  });

  it.each(["null", "undefined"])("and a wallet that throws %s does not pass for success", async (thrown) => {
    const env = walletFile(
      `throws ${thrown}`,
      `export const wallet = { name: "w", feeReserveMsat() { throw ${thrown}; }, payInvoice() {}, lookupPayment() {} };`,
    );
    const { code, stderr } = await l402(["fetch", `${shop.url}/weather`], { env });
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("BUG Unexpected error in l402") });
  });

  it.each([
    ["a rejection", `Promise.reject(new Error("${CANARY}"));`],
    ["an exception", `setTimeout(() => { throw new Error("${CANARY}"); });`],
  ])("and a wallet's file that waits for ever after %s of its own ends the command", async (name, stray) => {
    const env = walletFile(`waits after ${name}`, `${stray} await new Promise(() => {}); export const wallet = {};`);
    for (const args of [["fetch", `${shop.url}/weather`], ["mcp"]]) {
      const { code, all } = await l402(args, { env: { ...env, L402_MAX_SATS_PER_DAY: "100" } });
      expect({ code, all }).toEqual({ code: 2, all: expect.stringContaining("CONFIG_INVALID The wallet failed") });
      expect(all).not.toContain(CANARY);
    }
  });
});
