import { describe, expect, it } from "vitest";
import { macaroonFormat, type PaywallOptions, type Terms } from "../src/index.ts";
import { denied, granted, offerOf, openShop, request } from "./shop.ts";

const shops: [string, Partial<PaywallOptions>][] = [
  ["signed JSON", {}],
  ["macaroons", { tokenFormat: macaroonFormat() }],
];

describe("a fixed price that was raised", () => {
  it("does not devalue tokens sold before, also after a restart", async () => {
    const shop = openShop();
    const authorization = await shop.buy("/a", { price: 10, uses: 3 });
    granted(await shop.open().gate({ price: 20, uses: 3 })(request("/a", { authorization })));
    granted(await shop.open().gate({ price: 20 })(request("/a", { authorization })));
  });

  it("does not devalue passes for a named resource", async () => {
    const shop = openShop();
    const pass = { price: 10, resource: "api", uses: "unlimited" } as const;
    const authorization = await shop.buy("/a", pass);
    granted(await shop.open().gate({ ...pass, price: 20 })(request("/a", { authorization })));
  });

  it("is no matter of other resources that are sold at the old price", async () => {
    const shop = openShop();
    const authorization = await shop.buy("/a", { price: 10, uses: 2 });
    const pass = await shop.buy("/b", { price: 30, uses: 9, resource: "all of it" });
    const paywall = shop.open();
    paywall.gate({ price: 10, uses: 2, resource: "another" });
    paywall.gate({ price: 30, uses: 9, resource: "another" });
    granted(await paywall.gate({ price: 20, uses: 2 })(request("/a", { authorization })));
    const raised = paywall.gate({ price: 40, uses: 9, resource: "all of it" });
    granted(await raised(request("/b", { authorization: pass })));
  });

  it("is no matter of a path's price for a name that is no path", async () => {
    const shop = openShop();
    const authorization = await shop.buy("/a", { price: 10, resource: "api" });
    const paywall = shop.open();
    paywall.gate({ price: 10 });
    granted(await paywall.gate({ price: 20, resource: "api" })(request("/a", { authorization })));
  });

  it("is no matter of a route that sells another number of uses at the old price", async () => {
    const shop = openShop();
    const authorization = await shop.buy("/a", { price: 10, uses: 5 });
    const paywall = shop.open();
    paywall.gate({ price: 10, uses: 1 });
    granted(await paywall.gate({ price: 20, uses: 5 })(request("/a", { authorization })));
  });
});

describe("one resource at several fixed prices", () => {
  it("a shared resource at two prices: the cheap token does not open the dear route", async () => {
    const { paywall, pay } = openShop();
    const cheap = paywall.gate({ price: 1, resource: "api", uses: "unlimited" });
    const dear = paywall.gate({ price: 100, resource: "api", uses: "unlimited" });
    const computed = paywall.gate(() => ({ price: 50, resource: "api", uses: "unlimited" as const }));
    const authorization = await pay(await cheap(request("/cheap")));
    denied(await dear(request("/dear", { authorization })), "CREDENTIAL_UNDERPAID");
    denied(await computed(request("/x", { authorization }), undefined), "CREDENTIAL_UNDERPAID");
    granted(await cheap(request("/cheap", { authorization })));
    const rich = await pay(await dear(request("/dear")));
    for (const gate of [cheap, computed, dear]) granted(await gate(request("/x", { authorization: rich }), undefined));
  });

  it("a day pass opens the cheaper route too, however its uses are counted", async () => {
    const { paywall, pay } = openShop();
    const day = paywall.gate({ price: 100, resource: "api", uses: "unlimited" });
    const once = paywall.gate({ price: 5, resource: "api" });
    const large = paywall.gate({ price: 60, resource: "api" });
    const authorization = await pay(await day(request("/x")));
    for (const gate of [once, large, once]) granted(await gate(request("/x", { authorization })));
    const single = await pay(await once(request("/x")));
    denied(await day(request("/x", { authorization: single })), "CREDENTIAL_UNDERPAID");
  });

  it("one path at two prices, told apart by host or version: the cheap token does not open the dear route", async () => {
    const { paywall, pay } = openShop();
    const [cheap, dear] = [paywall.gate({ price: 1, uses: "unlimited" }), paywall.gate({ price: 100 })];
    const authorization = await pay(await cheap(request("/data")));
    denied(await dear(request("/data", { authorization })), "CREDENTIAL_UNDERPAID");
    granted(await cheap(request("/data", { authorization })));
    granted(await cheap(request("/data", { authorization: await pay(await dear(request("/data"))) })));
  });

  it("nor after a restart, nor on a second server that sold nothing yet", async () => {
    const shop = openShop();
    const mount = (paywall = shop.paywall) =>
      [paywall.gate({ price: 1, uses: 9 }), paywall.gate({ price: 100 })] as const;
    const authorization = await shop.pay(await mount()[0](request("/data")));
    const [cheap, dear] = mount(shop.open());
    denied(await dear(request("/data", { authorization })), "CREDENTIAL_UNDERPAID");
    granted(await cheap(request("/data", { authorization })));
  });

  it("nor after a flood of other paths", async () => {
    const { lightning, clock } = openShop();
    // The provider returns the same invoice every time, because making ten thousand takes long.
    const invoice = await lightning.provider.createInvoice({
      amountMsat: 1000,
      description: "",
      expiresInSeconds: 600,
    });
    const provider = { ...lightning.provider, createInvoice: async () => invoice };
    const { paywall } = openShop({ provider, clock, challengeLimiter: false });
    const [cheap, dear] = [paywall.gate({ price: 1 }), paywall.gate({ price: 100 })];
    const { token } = offerOf(await cheap(request("/data")));
    const authorization = `L402 ${token}:${lightning.settle(invoice.paymentHash)}`;
    for (let i = 0; i < 10_001; i++) await cheap(request(`/flood/${i}`));
    // The token is underpaid, so the paywall asks for a new invoice, which this provider does not make.
    denied(await dear(request("/data", { authorization })), "PROVIDER_BAD_RESPONSE");
    granted(await cheap(request("/data", { authorization })));
  });

  it.each([
    ["the cheap one is raised", 6, 500],
    ["both are raised", 6, 600],
    ["they get one price", 500, 500],
    ["the cheap one is lowered", 4, 500],
  ])("nor when prices move: %s", async (_, cheapNow, dearNow) => {
    const shop = openShop();
    const sell = (price: number, paywall = shop.open()) => paywall.gate({ price, resource: "api", uses: 100 });
    const [cheap, dear] = [sell(5, shop.paywall), sell(500, shop.paywall)];
    const bought = request("/x", { authorization: await shop.pay(await cheap(request("/x"))) });
    denied(await dear(bought), "CREDENTIAL_UNDERPAID");
    const paywall = shop.open();
    const [cheapLater, dearLater] = [sell(cheapNow, paywall), sell(dearNow, paywall)];
    granted(await cheapLater(bought));
    if (cheapNow < dearNow) denied(await dearLater(bought), "CREDENTIAL_UNDERPAID");
    else granted(await dearLater(bought));
  });

  it("nor when prices move, whichever of them is mounted first, nor by a name that is spelt like a path", async () => {
    const shop = openShop();
    const pass = { resource: "GET /x", uses: 100 };
    const bought = request("/x", { authorization: await shop.buy("/x", { ...pass, price: 5 }) });
    const paywall = shop.open();
    const [dear, cheap, unnamed] = [
      paywall.gate({ ...pass, price: 500 }),
      paywall.gate({ ...pass, price: 6 }),
      paywall.gate({ price: 400 }),
    ];
    granted(await cheap(bought));
    denied(await dear(bought), "CREDENTIAL_UNDERPAID");
    denied(await unnamed(bought), "CREDENTIAL_UNDERPAID");
  });

  it.each([
    ["a name that is spelt like a path", { resource: "GET /dear" }, {}],
    ["a path that is spelt like a name", {}, { resource: "GET /dear" }],
  ])("nor by %s", async (_, cheapName, dearName) => {
    const { paywall, pay } = openShop();
    const cheap = paywall.gate({ price: 1, ...cheapName });
    const dear = paywall.gate({ price: 100, ...dearName });
    const authorization = await pay(await cheap(request("/dear")));
    denied(await dear(request("/dear", { authorization })), "CREDENTIAL_UNDERPAID");
  });
});

describe.each(shops)("a computed price (%s)", (_, options) => {
  interface Order {
    size: number;
    uses?: Terms["uses"];
  }
  const bySize = ({ size, uses = 1 }: Order): Terms => ({
    price: typeof uses === "number" ? size * uses : size,
    resource: "compute",
    uses,
  });

  it("is computed again from the request that carries the credential", async () => {
    const { paywall, pay } = openShop(options);
    const gate = paywall.gate(bySize);
    const authorization = await pay(await gate(request("/compute"), { size: 5 }));
    const paid = request("/compute", { authorization });
    expect(denied(await gate(paid, { size: 6 }), "CREDENTIAL_UNDERPAID").reply.status).toBe(402);
    granted(await gate(paid, { size: 5 }));
  });

  it("a bundle of uses for small requests is none of uses for large ones", async () => {
    const { paywall, pay } = openShop(options);
    const gate = paywall.gate(bySize);
    const paid = request("/x", { authorization: await pay(await gate(request("/x"), { size: 1, uses: 100 })) });
    const { error } = denied(await gate(paid, { size: 100 }), "CREDENTIAL_UNDERPAID");
    expect(error.message).toBe("The token paid 100000 msat (uses: 100); the price is 100000 msat (uses: 1).");
    denied(await gate(paid, { size: 2, uses: 50 }), "CREDENTIAL_UNDERPAID");
    denied(await gate(paid, { size: 2, uses: 100 }), "CREDENTIAL_UNDERPAID");
    for (const uses of [100, 1, 7]) granted(await gate(paid, { size: 1, uses }));
  });

  it("an endless number of uses is only covered by an endless number", async () => {
    const { paywall, pay } = openShop(options);
    const gate = paywall.gate(bySize);
    const pass = { size: 100, uses: "unlimited" } as const;
    const paid = request("/x", { authorization: await pay(await gate(request("/x"), pass)) });
    denied(await gate(paid, { size: 1 }), "CREDENTIAL_UNDERPAID");
    granted(await gate(paid, pass));
    const counted = request("/x", { authorization: await pay(await gate(request("/x"), { size: 25, uses: 4 })) });
    granted(await gate(counted, pass));
    denied(await gate(counted, { ...pass, size: 101 }), "CREDENTIAL_UNDERPAID");
  });

  it("is compared use by use with what a fixed route sold, and the other way round", async () => {
    const { paywall, pay } = openShop(options);
    const fixed = paywall.gate({ price: 100, resource: "compute", uses: 100 });
    const dear = paywall.gate({ price: 100, resource: "compute" });
    const gate = paywall.gate(bySize);
    const bundle = request("/x", { authorization: await pay(await fixed(request("/x"))) });
    denied(await gate(bundle, { size: 2 }), "CREDENTIAL_UNDERPAID");
    granted(await gate(bundle, { size: 1 }));
    const own = request("/x", { authorization: await pay(await gate(request("/x"), { size: 1, uses: 100 })) });
    denied(await dear(own), "CREDENTIAL_UNDERPAID");
    granted(await fixed(own));
  });

  it("of a token is no old price of a fixed route", async () => {
    const shop = openShop(options);
    const authorization = await shop.pay(await shop.paywall.gate(() => ({ price: 1 }))(request("/data"), undefined));
    const checked = await shop.pay(await shop.paywall.check(request("/data"), { price: 1 }));
    const fixed = shop.open().gate({ price: 100 });
    denied(await fixed(request("/data", { authorization })), "CREDENTIAL_UNDERPAID");
    denied(await fixed(request("/data", { authorization: checked })), "CREDENTIAL_UNDERPAID");
  });

  it("is compared to the last millisatoshi, also beyond exact numbers", async () => {
    const { paywall, pay } = openShop(options, { balanceMsat: 2 ** 60 });
    const gate = paywall.gate((terms: Terms) => terms);
    const bought = { price: { msat: Number.MAX_SAFE_INTEGER }, uses: 1_000_000_000 };
    const paid = request("/x", { authorization: await pay(await gate(request("/x"), bought)) });
    const asked = (msat: number) => gate(paid, { price: { msat }, uses: 999_999_999 });
    // MAX_SAFE_INTEGER · 999 999 999 / 1 000 000 000 = 9 007 199 245 733 791.7
    denied(await asked(9_007_199_245_733_792), "CREDENTIAL_UNDERPAID");
    granted(await asked(9_007_199_245_733_791));
  });
});

describe("acceptFrom", () => {
  const inDollars = (rate: number): Terms => ({ price: rate, acceptFrom: Math.floor(rate * 0.95) });

  it("serves who paid before the rate moved, without a second invoice", async () => {
    const { paywall, pay, lightning } = openShop();
    const gate = paywall.gate(inDollars);
    const authorization = await pay(await gate(request("/a"), 1000));
    denied(await gate(request("/a", { authorization }), 1100), "CREDENTIAL_UNDERPAID");
    expect(lightning.calls.createInvoice).toBe(2);
    granted(await gate(request("/a", { authorization }), 1030));
    expect(lightning.calls.createInvoice).toBe(2);
    expect(lightning.invoices.map(({ amountMsat }) => amountMsat)).toEqual([1_000_000, 1_100_000]);
  });

  it("holds for each use of a bundle", async () => {
    const { paywall, pay } = openShop();
    const gate = paywall.gate(({ uses, ...rest }: Terms) => ({ ...rest, uses: uses ?? 1 }));
    const authorization = await pay(await gate(request("/a"), { price: 100, uses: 10 }));
    denied(await gate(request("/a", { authorization }), { price: 12, acceptFrom: 11 }), "CREDENTIAL_UNDERPAID");
    granted(await gate(request("/a", { authorization }), { price: 12, acceptFrom: 10 }));
  });

  it("holds for a fixed price too", async () => {
    const { paywall, pay } = openShop();
    const [cheap, dear] = [paywall.gate({ price: 95 }), paywall.gate({ price: 100, acceptFrom: { msat: 95_000 } })];
    granted(await dear(request("/a", { authorization: await pay(await cheap(request("/a"))) })));
  });

  it.each([101, 0, -1, Number.NaN, "5", { msat: 100_001 }])(
    "of %o for a price of 100 fails when mounted",
    (acceptFrom) => {
      const terms = { price: 100, acceptFrom } as Terms;
      expect(() => openShop().paywall.gate(terms)).toThrow(
        expect.objectContaining({ code: "CONFIG_INVALID", message: expect.stringMatching("acceptFrom") }),
      );
    },
  );
});
