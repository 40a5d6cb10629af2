import { verifyInvoice } from "@l402/bolt11/signature";
import { describe, expect, it } from "vitest";
import { pinPayees } from "../src/pin-payees.ts";
import { openShop, SHOP } from "./shop.ts";

const OTHER = `02${"ab".repeat(32)}`;

async function open() {
  const shop = openShop();
  const { bolt11 } = await shop.lightning.provider.createInvoice({
    amountMsat: 1,
    description: "",
    expiresInSeconds: 60,
  });
  return { ...shop, node: verifyInvoice(bolt11).payee };
}

describe("a pinned payee", () => {
  it("is paid, alone or as one of several", async () => {
    const { client, node } = await open();
    for (const keys of [node, [OTHER, node]]) {
      expect((await client({ checkInvoice: pinPayees({ [SHOP]: keys }) }).fetch(`${SHOP}/weather`)).status).toBe(200);
    }
  });

  it("is the only one that is paid there", async () => {
    const { client, lightning } = await open();
    const error = await client({ checkInvoice: pinPayees({ [SHOP]: OTHER }) })
      .fetch(`${SHOP}/weather`)
      .catch((thrown) => thrown);
    expect(error).toMatchObject({
      code: "INVOICE_MISMATCH",
      hint: expect.stringContaining("Ask the seller if the node is new."),
      fundsMoved: "no",
    });
    expect(lightning.calls.payInvoice).toBe(0);
  });

  it("is none of other origins' business", async () => {
    const { client } = await open();
    const buyer = client({ checkInvoice: pinPayees({ "https://other.example": OTHER }) });
    expect((await buyer.fetch(`${SHOP}/weather`)).status).toBe(200);
  });

  it("cannot be passed off by a signature that does not hold", async () => {
    const { lightning, node } = await open();
    const check = pinPayees({ [SHOP]: node });
    const { bolt11 } = await lightning.provider.createInvoice({ amountMsat: 1, description: "", expiresInSeconds: 60 });
    for (const broken of [bolt11.slice(0, -8), `${bolt11.slice(0, -20)}qqqqqqqqqqqqqq${bolt11.slice(-6)}`, "lnbc1x"]) {
      expect(() => check({ origin: SHOP, bolt11: broken })).toThrow(expect.objectContaining({ fundsMoved: "no" }));
    }
  });

  it.each<[string, Record<string, string | string[]>]>([
    ["a path", { [`${SHOP}/weather`]: OTHER }],
    ["a host", { "shop.example": OTHER }],
    ["a short key", { [SHOP]: "02ab" }],
    ["a list with a broken key", { [SHOP]: [OTHER, ""] }],
    ["an upper-case key", { [SHOP]: OTHER.toUpperCase() }],
  ])("is not taken from %s", (_, pins) => {
    expect(() => pinPayees(pins)).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
  });
});
