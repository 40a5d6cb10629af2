import { createMemoryUseStore, createPaywall, formatCredential } from "@l402/core";
import { fakeLightning } from "@l402/testing";
import { describe, expect, it } from "vitest";
import { l402 } from "./l402-process.ts";

const { provider, wallet } = fakeLightning();
const paywall = createPaywall({
  provider,
  secret: "a secret for tests, at least 32 bytes long",
  useStore: createMemoryUseStore(),
  network: "regtest",
});
const denied = await paywall.gate({ price: 10 })({ method: "GET", path: "/weather", header: () => undefined });
if (denied.outcome !== "denied" || !denied.challenge) throw new Error("There is no challenge.");
const { token, invoice } = denied.challenge;
const payment = await wallet.payInvoice({ bolt11: invoice, maxFeeMsat: 0 });
if (payment.status !== "paid") throw new Error("There is no payment.");
const { preimage } = payment;

/** A token as ours, of another seller: its signature is not read here. */
const foreign = (claims: object) =>
  btoa(
    JSON.stringify({ v: 1, kid: "abc", hash: "0".repeat(64), ...claims, sig: "A".repeat(43) }).replace(
      /[^ -~]/g,
      (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  );

describe.concurrent("l402 decode", () => {
  it("reads an invoice, offline", async () => {
    const { code, stdout } = await l402(["decode", `lightning:${invoice.toUpperCase()}`]);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^kind +invoice\nnetwork +regtest\namountMsat +10000 \(10 sats\)\npaymentHash +[0-9a-f]{64}\n/,
    );
    const json = (await l402(["decode", "--json", invoice])).json();
    expect(json).toMatchObject({ kind: "invoice", amountMsat: 10_000, payee: expect.stringMatching(/^0[23]/) });
  });

  it("reads a token and a challenge", async () => {
    expect((await l402(["decode", "--json", token])).json()).toMatchObject({
      kind: "token (signed-json)",
      res: "GET /weather",
      msat: 10_000,
    });
    const header = `WWW-Authenticate: L402 macaroon="${token}", invoice="${invoice}"`;
    expect((await l402(["decode", "--json", header])).json()).toMatchObject({
      kind: "challenge",
      invoice: { amountMsat: 10_000 },
      token: { res: "GET /weather" },
    });
  });

  it("says whether a credential fits, from stdin so that no shell remembers it, and repeats no preimage", async () => {
    const { code, stdout } = await l402(["decode", "-"], {
      stdin: `Authorization: ${formatCredential(token, preimage)}\n`,
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/preimage +matches the token\n/);
    expect(stdout).not.toContain(preimage);
    const other = formatCredential(token, "00".repeat(32));
    expect((await l402(["decode", other])).stdout).toMatch(/preimage +does NOT match the token\n/);
  });

  it("lets no control characters of a stranger's token through, in names or values, however deep", async () => {
    const evil = "\u001b[2J\u001b[1;1H\u009b32mall good\u0007\u202e";
    const claims = { [evil]: 1, [`${evil}2`]: { [evil]: { [evil]: evil } }, list: [evil, [evil], { [evil]: evil }] };
    const { code, stdout } = await l402(["decode", "-"], { stdin: foreign(claims) });
    expect(code).toBe(0);
    expect(stdout.match(/all good/g)).toHaveLength(9);
    expect(stdout).not.toMatch(/[^\P{C}\n]/u);
  });

  it("reads claims that are made to break a program", async () => {
    const claims = {
      a: [{ toString: 1 }],
      b: { toString: 1, toJSON: 1 },
      c: null,
      exp: 9e15,
      expires: "x",
      msat: "9e9",
    };
    const { code, stderr, stdout } = await l402(["decode", "-"], { stdin: foreign(claims) });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/\na +\{"toString":1\}\n/);
    expect(stdout).not.toContain("NaN");
  });

  it("refuses junk in a sentence", async () => {
    const broken = `${invoice.slice(0, -1)}${invoice.endsWith("q") ? "p" : "q"}`;
    for (const text of [broken, "", "L402 x:y", "lnbc1"]) {
      const { code, stdout, stderr } = await l402(["decode", text]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr.split("\n")).toHaveLength(3);
    }
  });
});
