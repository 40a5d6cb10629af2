import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { openFakeShop } from "./fake-shop.ts";
import { dir, l402, newState } from "./l402-process.ts";

const shop = await openFakeShop({});

/** A wallet whose backend pays and says nothing, or that has never heard of anything. */
const walletFile = (name: string, pays: string, lookUp: string) => {
  const path = `${dir}/${name}.mjs`;
  const code = `{ name: "${name}", payInvoice: async () => (${pays}), lookupPayment: async () => (${lookUp}) }`;
  writeFileSync(path, `export const wallet = ${code};`);
  return { L402_WALLET: path, L402_NETWORK: "regtest", L402_STATE: state };
};
const state = newState();
const silent = '{ status: "unknown", reason: "no line" }';

describe("L402_WALLET that changes while a payment is open", () => {
  it("does not make another wallet pay it, or say what became of it", async () => {
    const args = ["fetch", `${shop.url}/weather`];
    expect((await l402(args, { env: walletFile("first", silent, silent) })).code).toBe(5);
    const journal = JSON.parse(readFileSync(state, "utf8"));
    const [payment] = Object.values<Record<string, unknown>>(journal.pending);
    expect(payment).toMatchObject({ wallet: "first" });
    // As if minutes had gone by.
    Object.assign(payment as object, { until: 0 });
    writeFileSync(state, JSON.stringify(journal));
    const paying = 'process.stderr.write("PAYS\\n") && { status: "failed", reason: "" }';
    const { code, stderr } = await l402(args, { env: walletFile("second", paying, '{ status: "not-found" }') });
    expect(code).toBe(5);
    expect(stderr).not.toContain("PAYS");
    expect(stderr).toContain('It was begun with the wallet "first".');
  });
});
