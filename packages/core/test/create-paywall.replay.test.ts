import { fakeClock } from "@l402/testing";
import { describe, expect, it } from "vitest";
import { createMemoryUseStore, type UseStore } from "../src/index.ts";
import { denied, granted, offerOf, openShop, request } from "./shop.ts";

const terms = { price: 10 };

describe("replay", () => {
  it("hex case: the same preimage in other letters is the same payment", async () => {
    const { paywall, buy } = openShop();
    const authorization = await buy("/a", terms);
    const [token, preimage] = authorization.replace("L402 ", "").split(":") as [string, string];
    granted(await paywall.check(request("/a", { authorization }), terms));
    for (const spelled of [preimage.toUpperCase(), preimage.replace(/[a-f]/, (letter) => letter.toUpperCase())]) {
      const again = request("/a", { authorization: `L402 ${token}:${spelled}` });
      denied(await paywall.check(again, terms), "CREDENTIAL_USED_UP");
    }
  });

  it("another spelling of the same token is the same payment", async () => {
    const { paywall, buy } = openShop();
    const authorization = await buy("/a", terms);
    const [token, preimage] = authorization.replace("L402 ", "").split(":") as [string, string];
    granted(await paywall.check(request("/a", { authorization }), terms));
    const padded = token.padEnd(Math.ceil(token.length / 4) * 4, "=");
    for (const spelled of [padded, padded.replaceAll("-", "+").replaceAll("_", "/"), `${token},${token.slice(4)}`]) {
      denied(
        await paywall.check(request("/a", { authorization: `LSAT ${spelled}:${preimage}` }), terms),
        "CREDENTIAL_USED_UP",
      );
    }
  });

  it.each([1, 7])("the same credential 100 times in parallel is granted exactly %i times", async (uses) => {
    const memory = createMemoryUseStore({ clock: fakeClock() });
    const later = () => new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
    const remote: UseStore = {
      consume: (use) => later().then(() => memory.consume(use)),
      release: (use) => later().then(() => memory.release(use)),
    };
    for (const useStore of [memory, remote]) {
      const { paywall, buy } = openShop({ useStore });
      const authorization = await buy("/a", { ...terms, uses });
      const decisions = await Promise.all(
        Array.from({ length: 100 }, () => paywall.check(request("/a", { authorization }), { ...terms, uses })),
      );
      expect(decisions.filter(({ outcome }) => outcome === "granted")).toHaveLength(uses);
      for (const decision of decisions) if (decision.outcome === "denied") denied(decision, "CREDENTIAL_USED_UP");
    }
  });

  it("a used-up token gets a 402 with a new invoice", async () => {
    const { paywall, buy } = openShop();
    const authorization = await buy("/a", terms);
    granted(await paywall.check(request("/a", { authorization }), terms));
    const decision = await paywall.check(request("/a", { authorization }), terms);
    expect(denied(decision, "CREDENTIAL_USED_UP").reply.status).toBe(402);
    offerOf(decision);
  });

  it("servers whose clocks differ still count a token that expires now", async () => {
    const terms = { price: 10, uses: 2 };
    const shop = openShop();
    const authorization = await shop.buy("/a", terms);
    const behind = shop.clock();
    granted(await shop.paywall.check(request("/a", { authorization }), terms));
    shop.clock.advanceSeconds(600 + 3600 + 60);
    const slow = shop.open({ clock: () => behind });
    granted(await slow.check(request("/a", { authorization }), terms));
    denied(await slow.check(request("/a", { authorization }), terms), "CREDENTIAL_USED_UP");
  });
});

describe("a handler that fails", () => {
  it("gives the use back once", async () => {
    const { paywall, buy } = openShop();
    const authorization = await buy("/a", terms);
    const first = granted(await paywall.check(request("/a", { authorization }), terms));
    await first.finish(500);
    const second = granted(await paywall.check(request("/a", { authorization }), terms));
    await first.finish(500);
    await first.finish(500);
    denied(await paywall.check(request("/a", { authorization }), terms), "CREDENTIAL_USED_UP");
    await second.finish(500);
    granted(await paywall.check(request("/a", { authorization }), terms));
    denied(await paywall.check(request("/a", { authorization }), terms), "CREDENTIAL_USED_UP");
  });

  it("in parallel never creates more uses than were sold", async () => {
    const terms = { price: 10, uses: 3 };
    const { paywall, buy } = openShop();
    const authorization = await buy("/a", terms);
    const ask = () => paywall.check(request("/a", { authorization }), terms);
    for (let round = 0; round < 20; round++) {
      const decisions = (await Promise.all(Array.from({ length: 10 }, ask))).filter(
        ({ outcome }) => outcome === "granted",
      );
      expect(decisions).toHaveLength(3);
      await Promise.all(
        decisions.flatMap((decision) => [granted(decision).finish(500), granted(decision).finish(500)]),
      );
    }
  });

  it("is told to the seller when the use could not be given back", async () => {
    const memory = createMemoryUseStore({ clock: fakeClock() });
    const useStore: UseStore = { consume: memory.consume, release: () => Promise.reject(new Error("down")) };
    const { paywall, buy, events } = openShop({ useStore });
    const authorization = await buy("/a", terms);
    await granted(await paywall.check(request("/a", { authorization }), terms)).finish(500);
    expect(events.at(-1)).toMatchObject({ type: "failed", what: "release", error: { code: "STORE_UNAVAILABLE" } });
  });
});
