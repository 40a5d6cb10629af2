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
const refusal = denied.reply;
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

  it("reads a whole answer: its JSON body, or what curl -i and curl -v print", async () => {
    const { headers, body } = refusal;
    const lines = ["HTTP/1.1 402 Payment Required", ...headers.map(([name, value]) => `${name}: ${value}`)];
    const aperture = lines.filter((line) => !line.startsWith("Content-Type"));
    const texts = [
      body,
      JSON.stringify(JSON.parse(body), null, 2),
      [...lines, "", body].join("\r\n"),
      ["HTTP/1.1 301 Moved", "", ...aperture, "", "Payment Required"].join("\n"),
      ["* Connected", "> GET / HTTP/1.1", "<", ...lines.map((line) => `< ${line}`), "", body].join("\n"),
      ["HTTP/2 402", "content-type: application/json", "", body].join("\r\n"),
      JSON.stringify({ paymentRequest: invoice, macaroon: token }),
    ];
    for (const stdin of texts) {
      const { code, json } = await l402(["decode", "--json", "-"], { stdin });
      expect({ code, ...json() }).toMatchObject({
        code: 0,
        kind: "challenge",
        invoice: { amountMsat: 10_000 },
        token: { res: "GET /weather" },
      });
    }
    for (const stdin of [
      "HTTP/1.1 200 OK\r\nServer: x\r\n\r\nhello",
      '{"a":1}',
      "{",
      'HTTP/1.1 401 No\nWWW-Authenticate: Basic realm="x"',
    ]) {
      const { code, stderr } = await l402(["decode", "-"], { stdin });
      expect(code).toBe(2);
      expect(stderr).toContain("This answer offers no payment by L402");
    }
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
