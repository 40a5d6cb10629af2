import { attenuateToken, decodeInvoice } from "@l402/core";
import { describe, expect, it } from "vitest";
import { claimName, isClaimName, isPassName, passName } from "../src/cookie-names.ts";
import type { Browser } from "./browser.ts";
import { buy, keepsPreimages, openShop } from "./shop.ts";

const nameOfPass = ({ jar }: Browser) => jar.find(({ name }) => isPassName(name))?.name as string;

describe("a thief", () => {
  it("gets nothing by a receipt of his own making, or for another token", async () => {
    const shop = openShop({ provider: keepsPreimages, terms: { price: 21, uses: 9 } });
    const browser = await buy(shop);
    const [token = "", receipt = ""] = browser.pass?.split(":") ?? [];
    const thief = shop.openBrowser();
    const unpaid = await thief.visit("/weather");
    const own = unpaid.claim.split(".")[0] as string;
    const narrowed = attenuateToken(token, { uses: 1 });
    const attempts = [
      `${own}:${receipt}`,
      `${own}:r${"0".repeat(64)}`,
      `${own}:${"0".repeat(64)}`,
      `${own}:${unpaid.claim.slice(-64)}`,
      `${own}:r${unpaid.claim.slice(-64)}`,
      `${own}:${decodeInvoice(unpaid.invoice).paymentHash}`,
      `${own}:r${decodeInvoice(unpaid.invoice).paymentHash}`,
      `${narrowed}:${receipt}`,
      `${token}:${receipt.slice(1)}`,
      `${token}:R${receipt.slice(1)}`,
      `${own},${token}:${receipt}`,
    ];
    const ownName = passName(decodeInvoice(unpaid.invoice).paymentHash);
    for (const value of attempts) {
      thief.jar = [{ name: value.startsWith(own) ? ownName : nameOfPass(browser), value, path: "/" }];
      expect((await thief.visit("/weather")).status).toBe(402);
    }
    thief.jar = [{ name: nameOfPass(browser), value: `${token}:${receipt}`, path: "/" }];
    expect((await thief.visit("/weather")).status).toBe(200);
  });

  it("gets nothing by a receipt in an Authorization header", async () => {
    const shop = openShop({ provider: keepsPreimages, terms: { price: 21, uses: 9 } });
    const browser = await buy(shop);
    const [token, receipt = ""] = browser.pass?.split(":") ?? [];
    for (const proof of [receipt, receipt.slice(1)]) {
      const headers = { authorization: `L402 ${token}:${proof}` };
      // With the cookie that would open it: what somebody chose to send stands alone.
      expect((await browser.visit("/weather", headers)).status).toBe(401);
    }
  });

  it("gets nothing by any change to a credential", async () => {
    const shop = openShop({ terms: { price: 21, uses: 9 } });
    const browser = await buy(shop);
    const good = browser.pass as string;
    const thief = shop.openBrowser();
    const name = nameOfPass(browser);
    for (let at = 0; at < good.length; at += 11) {
      const value = good.slice(0, at) + (good[at] === "a" ? "b" : "a") + good.slice(at + 1);
      thief.jar = [{ name, value, path: "/" }];
      expect((await thief.visit("/weather")).status).toBe(402);
    }
    thief.jar = [{ name, value: good, path: "/" }];
    expect((await thief.visit("/weather")).status).toBe(200);
  });

  it("does not get what a visitor pays for a planted offer", async () => {
    const shop = openShop();
    const [thief, victim] = [shop.openBrowser(), shop.openBrowser()];
    const trap = await thief.visit("/weather");
    // What another subdomain can set. The thief's browser id is not among it, because of its name.
    const plant = (value: string) => victim.jar.unshift({ name: "l402_pending_abcdef", value, path: "/weather" });
    plant(thief.claim as string);
    const shown = await victim.visit("/weather");
    expect(shown.invoice).not.toBe(trap.invoice);
    plant(thief.claim as string);
    expect((await victim.visit("/weather")).invoice).not.toBe(trap.invoice);
    shop.payElsewhere(shown.invoice);
    shop.clock.advanceSeconds(1);
    expect(await thief.ask("/weather", shown.claim)).toMatchObject({ status: "unknown" });
    expect(await thief.ask("/weather", trap.claim)).toMatchObject({ status: "open" });
    expect(await victim.ask("/weather", shown.claim)).toMatchObject({ status: "settled" });
  });

  it("does not get what a visitor pays for by an id that begins as the visitor's, as the name of its cookie shows", async () => {
    const shop = openShop();
    const [thief, victim] = [shop.openBrowser(), shop.openBrowser()];
    const shown = await victim.visit("/weather");
    const { name, value } = victim.jar.find((cookie) => cookie.name.startsWith("__Host-")) as Browser["jar"][number];
    thief.jar.push({ name, value: value.slice(0, 6) + "0".repeat(26), path: "/" });
    shop.payElsewhere(shown.invoice);
    shop.clock.advanceSeconds(1);
    expect(await thief.ask("/weather", shown.claim)).toMatchObject({ status: "unknown" });
    expect(await victim.ask("/weather", shown.claim)).toMatchObject({ status: "settled" });
  });

  it("hides no paid pass behind cookies of his own, which another subdomain can set", async () => {
    const shop = openShop({ terms: { price: 21, uses: 9 } });
    const [thief, scripted, plain] = [shop.openBrowser(), shop.openBrowser(), shop.openBrowser()];
    const { claim: foreign } = await thief.visit("/weather");
    const unpaid = `${foreign.split(".")[0]}:${"0".repeat(64)}`;
    const [first, second] = [await scripted.visit("/weather"), await plain.visit("/weather")];
    for (const [{ jar }, { invoice }] of [[scripted, first] as const, [plain, second] as const]) {
      const { paymentHash } = decodeInvoice(invoice);
      const plant = { path: "/weather", domain: "shop.example" };
      // In front of the visitor's own, as a browser sends those of one path that are older.
      for (let i = 0; i < 20; i++) {
        for (const value of ["x", unpaid]) jar.unshift({ name: passName(paymentHash), value, ...plant });
        jar.unshift({ name: claimName(paymentHash), value: foreign, ...plant });
      }
      shop.payElsewhere(invoice);
    }
    shop.clock.advanceSeconds(1);
    expect(await scripted.ask("/weather", first.claim)).toMatchObject({ status: "settled", kept: false });
    expect(await scripted.ask("/weather", first.claim)).toMatchObject({ status: "settled", kept: true });
    for (const browser of [scripted, plain]) {
      expect((await browser.visit("/weather")).status).toBe(200);
      expect((await browser.visit("/weather")).status).toBe(200);
    }
  });

  describe("with one cheap pass", () => {
    /** The thief's pass outlives what visitors buy. */
    const terms = ({ url }: Request) =>
      url.endsWith("/cheap")
        ? ({ price: 1, uses: "unlimited", validForSeconds: 864_000 } as const)
        : ({ price: 1000, uses: "unlimited", validForSeconds: 86_400 } as const);

    async function visitorAndThief(...bought: string[]) {
      const shop = openShop({ terms, page: { passPath: "/" } });
      const owner = await buy(shop, "/cheap");
      const cheap = owner.pass as string;
      const [token = "", proof] = cheap.split(":");
      const visitor = shop.openBrowser();
      async function pay(path: string) {
        shop.payElsewhere((await visitor.visit(path)).invoice);
        shop.clock.advanceSeconds(1);
        expect((await visitor.visit(path)).status).toBe(200);
      }
      for (const path of bought) await pay(path);
      /** Copies of the thief's pass, and different tokens of the same payment. */
      const copies = [cheap, ...[1, 2, 3].map((uses) => `${attenuateToken(token, { uses })}:${proof}`)];
      const plant = (name: string, path: string, value = cheap) =>
        visitor.jar.unshift({ name, value, path, domain: "shop.example" });
      return { visitor, pay, plant, copies, name: nameOfPass(owner) };
    }

    it("does not hide what a visitor paid, under other names", async () => {
      const { visitor, plant, copies, name } = await visitorAndThief("/dear");
      for (let i = 0; i < 32; i++) plant(`l402_${(0xa00000 + i).toString(16)}`, "/dear", copies[i % 4]);
      for (let i = 0; i < 32; i++) plant(name, "/dear", copies[i % 4]);
      expect((await visitor.visit("/dear")).status).toBe(200);
    });

    it("does not push out what a visitor paid, by copies of one pass", async () => {
      const { visitor, pay, plant, copies, name } = await visitorAndThief("/one", "/two");
      for (let i = 0; i < 8; i++) plant(`l402_${(0xa00000 + i).toString(16)}`, "/", copies[i % 4]);
      for (let i = 0; i < 8; i++) plant(name, "/", copies[i % 4]);
      await pay("/three");
      for (const path of ["/one", "/two", "/three"]) expect((await visitor.visit(path)).status).toBe(200);
    });
  });

  it("does not give a browser an id that another name would hold", async () => {
    const shop = openShop();
    const [thief, victim] = [shop.openBrowser(), shop.openBrowser()];
    const trap = await thief.visit("/weather");
    const id = thief.jar.find(({ name }) => name.startsWith("__Host-"))?.value ?? "";
    expect(id).toMatch(/^[0-9a-f]{32}$/);
    for (const name of ["l402-", "__host-l402-", "__Secure-l402-", `l402-${id.slice(0, 6)}`, "__Host-l402-abcdef"]) {
      victim.jar.unshift({ name, value: id, path: "/" }, { name: "l402_pending_abcdef", value: trap.claim, path: "/" });
      expect((await victim.visit("/weather")).invoice).not.toBe(trap.invoice);
      victim.jar.length = 0;
    }
  });

  it("does not show people an invoice of another", async () => {
    const shop = openShop();
    const elsewhere = openShop();
    const browser = shop.openBrowser();
    const { claim } = await browser.visit("/weather");
    const foreign = (await elsewhere.openBrowser().visit("/weather")).invoice;
    const [token, , ...rest] = claim.split(".");
    for (const kept of browser.jar) {
      if (isClaimName(kept.name)) kept.value = [token, foreign, ...rest].join(".");
    }
    const shown = await browser.visit("/weather");
    expect(shown.status).toBe(402);
    expect(shown.invoice).not.toBe(foreign);
  });

  it("gets no page that another site can frame, nor one that runs what is not its own: its policy", async () => {
    const browser = openShop().openBrowser();
    const [first, second] = [await browser.visit("/weather"), await browser.visit("/weather")];
    const policy = first.headers.get("content-security-policy") ?? "";
    const [, nonce = ""] = /script-src 'nonce-([0-9a-f]{32})'/.exec(policy) ?? [];
    expect(policy.split("; ")).toEqual(
      expect.arrayContaining(["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"]),
    );
    expect(nonce).not.toBe("");
    expect(policy).not.toMatch(/unsafe|\*|http/);
    expect(first.text.match(/<(script|style)[^>]*>/g)).toEqual([
      `<style nonce="${nonce}">`,
      `<script nonce="${nonce}">`,
    ]);
    expect(second.headers.get("content-security-policy")).not.toContain(nonce);
    expect(first.text).not.toMatch(/ on[a-z]+=| style=/);
  });

  it("learns nothing of preimages from events", async () => {
    const shop = openShop();
    const browser = await buy(shop);
    await browser.visit("/weather");
    const preimage = browser.pass?.split(":")[1] as string;
    expect(preimage).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(shop.events)).not.toContain(preimage);
  });
});
