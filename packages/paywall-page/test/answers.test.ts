import { parseChallenges } from "@l402/core";
import { payChallenge } from "@l402/testing";
import { describe, expect, it } from "vitest";
import { openShop } from "./shop.ts";

describe("a program", () => {
  it("gets the same answer as without a page", async () => {
    const [withPage, without] = [openShop(), openShop({ paywall: { page: undefined } })];
    for (const accept of [undefined, "*/*", "application/json", "text/html;q=0.5, application/json"]) {
      const answers = [];
      for (const { serve } of [withPage, without]) {
        const response = await serve(
          new Request("https://shop.example/weather", { headers: accept ? { accept } : {} }),
        );
        const { invoice, token, macaroon, paymentHash, expiresAt, ...rest } = await response.json();
        expect([invoice, token, macaroon, paymentHash, expiresAt].every(Boolean)).toBe(true);
        const headers = [...response.headers].filter(([name]) => name !== "www-authenticate" && name !== "vary");
        answers.push({ status: response.status, headers, rest });
      }
      expect(answers[0]).toEqual(answers[1]);
    }
  });

  it("can pay what a page offers by its header, and no cache mixes them up", async () => {
    const { openBrowser, lightning, serve } = openShop();
    const { headers } = await openBrowser().visit("/weather");
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("vary")?.split(", ")).toEqual(
      expect.arrayContaining(["Authorization", "Accept", "Accept-Language", "Cookie"]),
    );
    expect(parseChallenges(headers.get("www-authenticate"))).not.toHaveLength(0);
    const authorization = await payChallenge(lightning.wallet, headers.get("www-authenticate") as string);
    const paid = await serve(new Request("https://shop.example/weather", { headers: { authorization } }));
    expect(paid.status).toBe(200);
    expect(paid.headers.get("vary")).toContain("Cookie");
  });

  it("that prefers HTML can read why its credential is refused", async () => {
    const { openBrowser, lightning } = openShop({
      terms: ({ url }) => ({ price: url.endsWith("/dear") ? 50 : 10, resource: "all", uses: 1 }),
    });
    const browser = openBrowser();
    const { headers } = await browser.visit("/cheap");
    const authorization = await payChallenge(lightning.wallet, headers.get("www-authenticate") as string);
    const answer = async (path: string) => {
      const { status, headers, text } = await browser.visit(path, { authorization });
      return status === 200 ? text : [status, headers.get("content-type"), JSON.parse(text).code];
    };
    expect(await answer("/dear")).toEqual([402, "application/problem+json", "CREDENTIAL_UNDERPAID"]);
    expect(await answer("/cheap")).toBe("the goods");
    expect(await answer("/cheap")).toEqual([402, "application/problem+json", "CREDENTIAL_USED_UP"]);
  });

  it("that asks with HEAD gets no invoice and no body", async () => {
    const { openBrowser, lightning, payElsewhere } = openShop();
    const browser = openBrowser();
    expect(await browser.visit("/weather", {}, "HEAD")).toMatchObject({ status: 402, text: "" });
    expect(lightning.invoices).toHaveLength(0);
    // Nor does it take the use that a page waits for.
    payElsewhere((await browser.visit("/weather")).invoice);
    expect(await browser.visit("/weather", {}, "HEAD")).toMatchObject({ status: 402, text: "" });
    expect(lightning.calls.lookupInvoice).toBe(0);
    expect((await browser.visit("/weather")).status).toBe(200);
  });
});

describe("other answers", () => {
  it("are pages too: nothing to pay with, too many invoices, no access, only for programs", async () => {
    const { openBrowser, lightning } = openShop({
      paywall: { challengeLimiter: { take: () => ({ allowed: false, retryAfterSeconds: 9 }) } },
    });
    const tooMany = await openBrowser().visit("/weather");
    expect(tooMany).toMatchObject({ status: 429 });
    expect(tooMany.text).toContain("<h1>Too many unpaid invoices</h1>");
    expect(tooMany.headers.get("retry-after")).toBe("9");
    expect(lightning.invoices).toHaveLength(0);

    const down = openShop();
    down.lightning.always("createInvoice", "PROVIDER_UNREACHABLE");
    const unavailable = await down.openBrowser().visit("/weather");
    expect(unavailable).toMatchObject({ status: 503 });
    expect(unavailable.text).toContain("<h1>Payment is not available right now</h1>");

    const browser = openShop().openBrowser();
    const refused = await browser.visit("/weather", { authorization: "L402 junk" });
    expect(refused).toMatchObject({ status: 401 });
    expect(refused.text).toContain("<h1>This access is not valid</h1>");
    const post = await browser.visit("/weather", {}, "POST");
    expect(post).toMatchObject({ status: 402 });
    expect(post.text).toContain("Only a program that supports L402 can pay");
  });

  it("are never an exception, whatever is in the cookies", async () => {
    const browser = openShop().openBrowser();
    for (const cookie of [
      "l402_abcdef",
      "l402_abcdef=",
      "l402_abcdef=:",
      "=",
      ";;;",
      "l402_abcdef=%;l402_pending_abcdef=..",
      `l402_abcdef=${"a".repeat(9000)}`,
    ]) {
      const { status, invoice } = await browser.visit("/weather", { cookie });
      expect([status, invoice !== ""]).toEqual([402, true]);
    }
  });
});
