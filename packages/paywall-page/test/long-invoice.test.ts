import { signInvoice } from "@l402/bolt11/signature";
import { decodeInvoice, type LightningProvider, signedJsonFormat, type TokenFormat } from "@l402/core";
import { describe, expect, it } from "vitest";
import { openShop } from "./shop.ts";

const hop = {
  pubkey: "02".padEnd(66, "a"),
  shortChannelId: "800000x1000x1",
  feeBaseMsat: 1000,
  feeProportionalMillionths: 100,
  cltvExpiryDelta: 80,
};

/** A node with private channels names them in its invoices. */
const withChannels =
  (count: number) =>
  (provider: LightningProvider): LightningProvider => ({
    ...provider,
    async createInvoice(input) {
      const made = await provider.createInvoice(input);
      const invoice = { ...decodeInvoice(made.bolt11), routeHints: Array.from({ length: count }, () => [hop]) };
      return { ...made, bolt11: signInvoice({ ...invoice, payee: undefined }, "1".repeat(64)) };
    },
  });

/** Pays what the page of a shop shows, if anything. */
async function pay(parts: Parameters<typeof openShop>[0], path = "/article") {
  const shop = openShop(parts);
  const [scripted, plain] = [shop.openBrowser(), shop.openBrowser()];
  const [{ invoice, claim, text }, { invoice: other }] = [await scripted.visit(path), await plain.visit(path)];
  if (!invoice) return { text, opened: undefined };
  for (const each of [invoice, other]) shop.payElsewhere(each);
  shop.clock.advanceSeconds(1);
  const { status } = await scripted.ask(path, claim);
  // With JavaScript and without.
  const opened = [status, (await scripted.visit(path)).status, (await plain.visit(path)).status];
  return { text, opened };
}

describe("a long invoice", () => {
  const terms = { price: 21, description: "One article of our magazine, to read as often as you like" };

  it("of a node with twenty private channels opens the page, with JavaScript and without", async () => {
    const { opened } = await pay({ terms, provider: withChannels(20) });
    expect(opened).toEqual(["settled", 200, 200]);
  });

  it("of ever more channels opens the page, until no cookie holds it and it is not shown", async () => {
    const shown: boolean[] = [];
    for (const channels of [35, 36, 37, 38, 39, 40, 41, 60, 75]) {
      const { opened, text } = await pay({ terms, provider: withChannels(channels) });
      if (opened) expect(opened).toEqual(["settled", 200, 200]);
      else expect(text).toContain("Only a program that supports L402 can pay for this request. A browser cannot.");
      shown.push(opened !== undefined);
    }
    expect([shown[0], shown.at(-1)]).toEqual([true, false]);
  });

  it("counts the path too, which is in the cookie", async () => {
    const provider = withChannels(30);
    expect((await pay({ terms, provider }, "/short")).opened).toBeDefined();
    expect((await pay({ terms, provider }, `/${"long".repeat(200)}`)).opened).toBeUndefined();
  });

  it("is not shown where the token is of a format that no cookie holds", async () => {
    const inner = signedJsonFormat();
    const tokenFormat: TokenFormat = {
      name: "with a mark",
      mint: async (claims, keys) => `x!${await inner.mint(claims, keys)}`,
      authenticate: (token, keys) => inner.authenticate(token.slice(2), keys),
    };
    const { opened, text } = await pay({ paywall: { tokenFormat } });
    expect(opened).toBeUndefined();
    expect(text).toContain("Only a program that supports L402 can pay");
  });
});
