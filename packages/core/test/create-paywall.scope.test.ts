import { describe, expect, it } from "vitest";
import { type AuthenticToken, attenuateToken, macaroonFormat, signedJsonFormat } from "../src/index.ts";
import { denied, granted, offerOf, openShop, request } from "./shop.ts";

const terms = { price: 10 };

describe("what a token opens", () => {
  it("a GET token does not open a POST", async () => {
    const { paywall, buy } = openShop();
    const authorization = await buy("/a", terms);
    const decision = await paywall.check(request("/a", { method: "POST", authorization }), terms);
    expect(denied(decision, "CREDENTIAL_WRONG_RESOURCE").reply.status).toBe(402);
    offerOf(decision);
  });

  it("a cheap route's token does not open a dear route", async () => {
    const { paywall, buy } = openShop();
    const cheap = paywall.gate({ price: 1 });
    const dear = paywall.gate({ price: 1000 });
    const authorization = await buy("/cheap", { price: 1 });
    denied(await dear(request("/dear", { authorization })), "CREDENTIAL_WRONG_RESOURCE");
    granted(await cheap(request("/cheap", { authorization })));
  });

  it("a parameter of a route is part of what is sold", async () => {
    const { paywall, buy } = openShop();
    const authorization = await buy("/weather/paris", terms);
    denied(await paywall.check(request("/weather/rome", { authorization }), terms), "CREDENTIAL_WRONG_RESOURCE");
  });

  it("a named resource is sold under every path", async () => {
    const { paywall, buy } = openShop();
    const pass = { price: 10, resource: "weather", uses: "unlimited" } as const;
    const authorization = await buy("/weather/paris", pass);
    granted(await paywall.check(request("/weather/rome", { authorization }), pass));
    denied(await paywall.check(request("/weather/rome", { authorization }), terms), "CREDENTIAL_WRONG_RESOURCE");
  });

  it("very long paths are sold too, and told apart", async () => {
    const terms = { price: 10, uses: 2 };
    const { paywall, buy } = openShop();
    const path = `/${"a".repeat(5000)}`;
    const authorization = await buy(path, terms);
    granted(await paywall.check(request(path, { authorization }), terms));
    denied(await paywall.check(request(`${path}a`, { authorization }), terms), "CREDENTIAL_WRONG_RESOURCE");
    denied(await paywall.check(request(path, { authorization, method: "PUT" }), terms), "CREDENTIAL_WRONG_RESOURCE");
    granted(await paywall.check(request(path, { authorization, method: "HEAD" }), terms));
  });
});

describe.each([signedJsonFormat(), macaroonFormat()])("with $name tokens, a path of any length", (tokenFormat) => {
  it.each([506, 507, 508, 509, 512, 513])(
    "is sold, and its token can be narrowed to it: %i characters",
    async (length) => {
      const { paywall, buy } = openShop({ tokenFormat });
      for (const method of ["GET", "POST", "PROPFIND"]) {
        const path = `/${"a".repeat(length - 1)}`;
        const bought = await buy(path, terms, { method });
        const { payment } = granted(await paywall.check(request(path, { method, authorization: bought }), terms));
        const authorization = (await buy(path, terms, { method })).replace(/(?<= )[^:]+/, (token) =>
          attenuateToken(token, { resource: payment.resource }),
        );
        granted(await paywall.check(request(path, { method, authorization }), terms));
      }
    },
  );
});

describe("aliases of a path", () => {
  const aliases = [
    "//a",
    "/a/",
    "/A",
    "/%61",
    "/a%2f",
    "/./a",
    "/x/../a",
    "/a;x",
    "/a/.",
    "/%2e/a",
    "/a%20",
    "\\a",
    "/a%00",
    "/a#x",
    "http://host/a",
    "http://host/a?x",
    "http://x%61/a",
    "HTTPS://user@host:1/a",
    "*",
  ];

  it.each(aliases)(
    "%s is a resource of its own: a token for /a does not open it, its own token does",
    async (alias) => {
      const { paywall, buy } = openShop();
      const authorization = await buy("/a", terms);
      denied(await paywall.check(request(alias, { authorization }), terms), "CREDENTIAL_WRONG_RESOURCE");
      const own = await buy(alias, terms);
      denied(await paywall.check(request("/a", { authorization: own }), terms), "CREDENTIAL_WRONG_RESOURCE");
      granted(await paywall.check(request(alias, { authorization: own }), terms));
      granted(await paywall.check(request("/a", { authorization }), terms));
    },
  );

  it.each(["/a?x=1", "/a?", "/a?#x", "/a?http://x/y", "/a?a\nb"])(
    "%s is /a: a query names no other route",
    async (same) => {
      const { paywall, buy } = openShop();
      const authorization = await buy("/a", terms);
      granted(await paywall.check(request(same, { authorization }), terms));
    },
  );

  it.each(["/münchen\n", "/münchen/a", "/m%C3%BCnchen%0A", `/${"ÿ".repeat(5000)}`])(
    "%s is sold, whatever characters it has, under a name of at most 512 that a header may have",
    async (path) => {
      const { paywall, buy } = openShop();
      const authorization = await buy(path, terms);
      denied(await paywall.check(request("/m", { authorization }), terms), "CREDENTIAL_WRONG_RESOURCE");
      denied(await paywall.check(request(`${path}x`, { authorization }), terms), "CREDENTIAL_WRONG_RESOURCE");
      const { payment } = granted(await paywall.check(request(path, { authorization }), terms));
      expect(payment.resource).toMatch(/^[ -~]{1,512}$/);
    },
  );

  it("a question mark ends a path only where routers agree that it does: behind a leading slash", async () => {
    const { paywall, buy } = openShop();
    const authorization = await buy("http://x?/a", terms);
    denied(await paywall.check(request("http://x?/b", { authorization }), terms), "CREDENTIAL_WRONG_RESOURCE");
    granted(await paywall.check(request("http://x?/a", { authorization }), terms));
  });

  it("takes no longer for a long target of odd characters", async () => {
    const { paywall } = openShop({ challengeLimiter: false });
    const ask = async (path: string) => {
      const start = performance.now();
      for (let i = 0; i < 50; i++) await paywall.check(request(path, { method: "HEAD" }), terms);
      return (performance.now() - start) / 50;
    };
    await ask("/a");
    expect(await ask(`/${"\u00ff".repeat(15_000)}`)).toBeLessThan(2);
  });
});

describe("expiry", () => {
  it("expired by one second", async () => {
    const terms = { price: 10, uses: 9 };
    const { paywall, buy, clock } = openShop();
    const authorization = await buy("/a", { ...terms, validForSeconds: 60 });
    clock.advanceSeconds(600 + 59);
    granted(await paywall.check(request("/a", { authorization }), terms));
    clock.advanceSeconds(1);
    const decision = await paywall.check(request("/a", { authorization }), terms);
    expect(denied(decision, "CREDENTIAL_EXPIRED").reply.status).toBe(402);
    offerOf(decision);
  });

  it("seconds are not mistaken for milliseconds: a token lives as long as was sold, no more and no less", async () => {
    const { paywall, clock } = openShop();
    const { token } = offerOf(await paywall.check(request("/a"), { ...terms, validForSeconds: 3600 }));
    const { exp } = JSON.parse(Buffer.from(token, "base64url").toString());
    expect(exp).toBe(clock().getTime() / 1000 + 600 + 3600);
  });

  it.each([
    ["the token", (now: Date) => [{ expiresAt: new Date(Number.NaN) }, { expiresAt: new Date(now.getTime() + 1e6) }]],
    ["a caveat", (now: Date) => [{ expiresAt: new Date(now.getTime() + 1e6) }, { expiresAt: new Date(Number.NaN) }]],
  ])("an invalid date in %s is no endless one", async (_, dates) => {
    const shop = openShop();
    const authorization = await shop.buy("/a", terms);
    const { mint, authenticate } = signedJsonFormat();
    const [claim, caveat] = dates(shop.clock()) as [{ expiresAt: Date }, { expiresAt: Date }];
    const paywall = shop.open({
      tokenFormat: {
        name: "with odd dates",
        mint,
        async authenticate(token, keys) {
          const { claims } = (await authenticate(token, keys)) as AuthenticToken;
          return { claims: { ...claims, ...claim }, caveats: [{ type: "expiry", ...caveat }] };
        },
      },
    });
    denied(await paywall.check(request("/a", { authorization }), terms), "CREDENTIAL_EXPIRED");
  });

  it("someone who pays at the last moment has the whole time", async () => {
    const { paywall, pay, clock } = openShop();
    const decision = await paywall.check(request("/a"), { ...terms, validForSeconds: 5 });
    clock.advanceSeconds(599);
    const authorization = await pay(decision);
    clock.advanceSeconds(5);
    granted(await paywall.check(request("/a", { authorization }), terms));
  });
});

describe.each([
  ["signed JSON", {}],
  ["macaroon", { tokenFormat: macaroonFormat() }],
])("a narrowed token (%s)", (_, options) => {
  const pass = { price: 100, resource: "weather", uses: 10 };
  const narrow = (
    authorization: string,
    ...args: Parameters<typeof attenuateToken> extends [string, ...infer R] ? R : never
  ) => {
    const [token, preimage] = authorization.replace("L402 ", "").split(":") as [string, string];
    return `L402 ${attenuateToken(token, ...args)}:${preimage}`;
  };

  it("opens one path of a wide resource", async () => {
    const { paywall, buy } = openShop(options);
    const authorization = narrow(await buy("/weather/rome", pass), { resource: "GET /weather/today" });
    granted(await paywall.check(request("/weather/today", { authorization }), pass));
    denied(await paywall.check(request("/weather/rome", { authorization }), pass), "CREDENTIAL_WRONG_RESOURCE");
    denied(
      await paywall.check(request("/weather/today", { authorization, method: "POST" }), pass),
      "CREDENTIAL_WRONG_RESOURCE",
    );
  });

  it("has to satisfy every caveat, and may name what is sold or what is asked for", async () => {
    const { paywall, buy } = openShop(options);
    const full = await buy("/weather/rome", pass);
    const rome = request("/weather/rome", {
      authorization: narrow(narrow(full, { resource: "GET /weather/oslo" }), { resource: "GET /weather/rome" }),
    });
    denied(await paywall.check(rome, pass), "CREDENTIAL_WRONG_RESOURCE");
    const both = narrow(narrow(full, { resource: "weather" }), { resource: "GET /weather/rome" });
    granted(await paywall.check(request("/weather/rome", { authorization: both }), pass));
    const late = narrow(narrow(full, { expiresAt: new Date(1000) }), { expiresAt: new Date("2099-01-01") });
    denied(await paywall.check(request("/weather/rome", { authorization: late }), pass), "CREDENTIAL_EXPIRED");
  });

  it("expires earlier", async () => {
    const { paywall, buy, clock } = openShop(options);
    const full = await buy("/weather/rome", pass);
    const authorization = narrow(full, { expiresAt: new Date(clock().getTime() + 30_000) });
    granted(await paywall.check(request("/weather/rome", { authorization }), pass));
    clock.advanceSeconds(30);
    denied(await paywall.check(request("/weather/rome", { authorization }), pass), "CREDENTIAL_EXPIRED");
    granted(await paywall.check(request("/weather/rome", { authorization: full }), pass));
  });

  it("has uses of its own, which neither share nor escape those of the pass", async () => {
    const { paywall, buy } = openShop(options);
    const full = await buy("/weather/rome", pass);
    const use = async (authorization: string) =>
      (await paywall.check(request("/weather/rome", { authorization }), pass)).outcome;
    const [one, two] = [narrow(full, { uses: 3 }), narrow(full, { uses: 3 })];
    for (let i = 0; i < 3; i++) expect(await use(one)).toBe("granted");
    expect(await use(one)).toBe("denied");
    for (let i = 0; i < 3; i++) expect(await use(two)).toBe("granted");
    expect(await use(two)).toBe("denied");
    for (let i = 0; i < 4; i++) expect(await use(full)).toBe("granted");
    expect(await use(full)).toBe("denied");
    expect(await use(narrow(full, { uses: 100 }))).toBe("denied");
  });

  it("holds two limits of its uses, and no third", async () => {
    const { buy } = openShop(options);
    const twice = narrow(narrow(await buy("/weather/rome", pass), { uses: 5 }), { uses: 4 });
    expect(() => narrow(twice, { uses: 3 })).toThrow(expect.objectContaining({ code: "CONFIG_INVALID" }));
    narrow(twice, { resource: "GET /weather/rome" });
  });

  it("counts uses of a pass that itself is unlimited", async () => {
    const { paywall, buy } = openShop(options);
    const unlimited = { ...pass, uses: "unlimited" } as const;
    const full = await buy("/weather/rome", unlimited);
    const authorization = narrow(narrow(full, { uses: 2 }), { uses: 9 });
    const asking = request("/weather/rome", { authorization });
    expect(granted(await paywall.check(asking, unlimited)).payment.remainingUses).toBe(1);
    granted(await paywall.check(asking, unlimited));
    denied(await paywall.check(asking, unlimited), "CREDENTIAL_USED_UP");
    expect(granted(await paywall.check(request("/x", { authorization: full }), unlimited)).payment).not.toHaveProperty(
      "remainingUses",
    );
  });
});
