import { describe, expect, it } from "vitest";
import { openFakeShop } from "./fake-shop.ts";
import { l402 } from "./l402-process.ts";

const shop = await openFakeShop({
  "/free": (_, response) => response.end("free"),
  "/missing": (_, response) => response.writeHead(404).end(),
  "/card": (_, response) => response.writeHead(402).end(),
  "/swapped": async (_, response, { token }) => {
    const order = { amountMsat: 1000, description: "", expiresInSeconds: 600 };
    const { bolt11 } = await shop.lightning.provider.createInvoice(order);
    response.writeHead(402, { "www-authenticate": `L402 macaroon="${token}", invoice="${bolt11}"` }).end();
  },
  "/old": (_, response, { invoice }) =>
    response.writeHead(402, { "www-authenticate": `LSAT macaroon="b3BhcXVl", invoice="${invoice}"` }).end(),
  "/large": (_, response, { token, invoice }) => {
    const challenge = `L402 macaroon="${token}", invoice="${invoice}", version="0"`;
    response.writeHead(402, { "www-authenticate": challenge, "x-other": "a".repeat(3500) }).end();
  },
  "/body": (_, response, challenge) =>
    response.writeHead(402, { "content-type": "application/json" }).end(JSON.stringify(challenge)),
  "/evil-token": (_, response, { invoice }) => {
    const token = btoa(
      `{"v":1,"kid":"a","hash":"${"0".repeat(64)}","\\u001b[2J\\u001b[32mgift":1,"sig":"${"A".repeat(43)}"}`,
    );
    response.writeHead(402, { "www-authenticate": `L402 macaroon="${token}", invoice="${invoice}"` }).end();
  },
  "/evil": (_, response, { token, invoice }) => {
    const headers = {
      "content-type": "application/json",
      "www-authenticate": `L402 macaroon="${token}", invoice="${invoice}"`,
    };
    response.writeHead(402, headers).end(JSON.stringify({ resource: "\u001b[2Jgift\u0007\u202e" }));
  },
});

const run = (args: string) => l402(args.replaceAll("URL", shop.url).split(" "), { env: { L402_NETWORK: "regtest" } });

describe.concurrent("l402 inspect", () => {
  it("says that a challenge of ours is sound, in every detail, without a wallet", async () => {
    const { code, stdout, stderr } = await run("inspect URL/weather");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const [facts = "", checks] = stdout.split("\n\n");
    expect(facts).toMatch(/amountMsat +10000 \(10 sats\)/);
    expect(checks).toBe(
      "✓ A buyer pays 10 sats for GET /weather. The invoice has an amount and has not expired.\n" +
        "✓ The invoice's signature is valid.\n" +
        "✓ The challenge is in the WWW-Authenticate header.\n" +
        "✓ The token belongs to the invoice.\n" +
        "! The token is not a macaroon. Go programs that read the token before they pay, such as lnget, do not buy here. " +
        "To sell to them, set tokenFormat: macaroonFormat() and challengeOnInvalid: true in createPaywall.\n" +
        "✓ The challenge uses the scheme L402, which current buyers look for.\n" +
        "✓ Caches do not keep the challenge (Cache-Control: no-store).\n" +
        "✓ The server refuses a made-up proof of payment.\n" +
        "✓ Other spellings of the URL do not get around the paywall: //weather, /weather/, /%77eather, /WEATHER, /weather;a=b.\n" +
        "✓ Web pages of other sites can read the challenge and pay.\n",
    );
    const json = (await run("inspect --json URL/weather")).json();
    expect(json).toMatchObject({
      sound: true,
      status: 402,
      quote: { amountSats: 10 },
      invoice: { network: "regtest" },
    });
    expect(json.checks.filter(({ level }: { level: string }) => level !== "ok")).toHaveLength(1);
  });

  it("finds an invoice that does not pay for the token", async () => {
    const { code, stdout } = await run("inspect URL/swapped");
    expect(code).toBe(4);
    expect(stdout).toContain("✗ INVOICE_MISMATCH");
    expect((await run("inspect --json URL/swapped")).json()).toMatchObject({
      sound: false,
      problem: "INVOICE_MISMATCH",
    });
  });

  it("warns of what some buyers cannot read", async () => {
    const old = await run("inspect URL/old");
    expect(old.code).toBe(0);
    expect(old.stdout).toContain("! The challenge uses only the scheme LSAT");
    expect(old.stdout).toContain("! Only the server can read the token");
    expect(old.stdout).toContain("! Caches may keep the challenge");
    expect((await run("inspect URL/body")).stdout).toContain("! The challenge is only in the body");
  });

  it("warns of headers that nginx does not pass on", async () => {
    const { code, stdout } = await run("inspect URL/large");
    expect(code).toBe(0);
    expect(stdout).toMatch(/! The headers of the 402 have 4\d\d\d bytes\. nginx takes 4096 by default/);
    const { checks } = (await run("inspect --json URL/large")).json();
    expect(checks).toContainEqual(expect.objectContaining({ level: "warning", code: "HEADERS_TOO_LARGE" }));
  });

  it("tells a 402 without a challenge from what is free", async () => {
    expect(await run("inspect URL/card")).toMatchObject({
      code: 4,
      stdout: expect.stringContaining("✗ The server answers with HTTP 402, but without an L402 challenge"),
    });
    expect(await run("inspect URL/free")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("✓ The server answers with HTTP 200 and does not ask for a payment"),
    });
  });

  it("lets no control characters of a seller through", async () => {
    for (const command of ["inspect URL/evil", "quote URL/evil", "inspect URL/evil-token"]) {
      const { stdout } = await run(command);
      expect(stdout).toContain("gift");
      expect(stdout).not.toMatch(/[^\P{C}\n]/u);
    }
  });
});

describe.concurrent("l402 quote", () => {
  it("says what it costs, in a line", async () => {
    const { code, stdout } = await run("quote URL/weather");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^10 sats for GET \/weather\. The invoice can be paid until 20\S+Z \(in 10 min\)\.\n$/);
    const free = "does not ask for a Lightning payment.\n";
    expect((await run("quote URL/free")).stdout).toBe(`The server answers with HTTP 200 and ${free}`);
    expect((await run("quote URL/missing")).stdout).toBe(`The server answers with HTTP 404 and ${free}`);
    expect((await run("quote --json URL/missing")).json()).toEqual({ asksForPayment: false, status: 404 });
    expect((await run("quote --json URL/weather")).json()).toMatchObject({
      asksForPayment: true,
      amountSats: 10,
      amountMsat: 10_000,
    });
  });
});
