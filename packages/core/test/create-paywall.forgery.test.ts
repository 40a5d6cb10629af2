import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { fromBase64, toBase64Url } from "../src/bytes.ts";
import {
  type AuthenticToken,
  attenuateToken,
  L402Error,
  macaroonFormat,
  signedJsonFormat,
  type TokenFormat,
} from "../src/index.ts";
import { attenuateMacaroon } from "../src/token/macaroon/macaroon-attenuation.ts";
import { denied, expectNoOffer, granted, offerOf, openShop, request } from "./shop.ts";

const terms = { price: 10 };

/** Ways to get the goods without paying. Each attempt must be refused, and must not create an invoice. */
describe("forging", () => {
  it("a forged token: a preimage and hash of one's own", async () => {
    const { paywall, lightning } = openShop();
    const genuine = offerOf(await paywall.check(request("/a"), terms)).token;
    const preimage = randomBytes(32);
    const hash = createHash("sha256").update(preimage).digest("hex");
    const json = Buffer.from(genuine, "base64url").toString();
    const forged = json.replace(/"hash":"[0-9a-f]{64}"/, `"hash":"${hash}"`);
    expect(forged).not.toBe(json);

    for (const token of [forged, JSON.stringify({ paymentHash: hash, exp: 9_999_999_999 }), "{}", "[]", "null"]) {
      const authorization = `L402 ${Buffer.from(token).toString("base64url")}:${preimage.toString("hex")}`;
      const decision = await paywall.check(request("/a", { authorization }), terms);
      expect(denied(decision).reply.status).toBe(401);
      expectNoOffer(decision);
    }
    expect(lightning.calls.createInvoice).toBe(1);
  });

  it("an unpaid token with a guessed preimage", async () => {
    const { paywall } = openShop();
    const { token } = offerOf(await paywall.check(request("/a"), terms));
    for (const preimage of ["00".repeat(32), "ff".repeat(32), randomBytes(32).toString("hex")]) {
      const decision = await paywall.check(request("/a", { authorization: `L402 ${token}:${preimage}` }), terms);
      expect(denied(decision, "CREDENTIAL_PREIMAGE_MISMATCH").reply.status).toBe(401);
      expectNoOffer(decision);
    }
  });

  it("a preimage whose hash only starts like the payment hash", async () => {
    const { paywall, lightning } = openShop();
    const { token } = offerOf(await paywall.check(request("/a"), terms));
    const start = lightning.invoices[0]?.paymentHash.slice(0, 2);
    let preimage = randomBytes(32);
    while (!createHash("sha256").update(preimage).digest("hex").startsWith(String(start))) preimage = randomBytes(32);
    const authorization = `L402 ${token}:${preimage.toString("hex")}`;
    denied(await paywall.check(request("/a", { authorization }), terms), "CREDENTIAL_PREIMAGE_MISMATCH");
  });

  it("a macaroon that is bound to another preimage", async () => {
    const { paywall, buy } = openShop({ tokenFormat: macaroonFormat() });
    const [token, preimage] = (await buy("/a", terms)).replace("L402 ", "").split(":") as [string, string];
    const bound = (to: string) => `L402 ${attenuateMacaroon(token, [`preimage=${to}`])}:${preimage}`;
    const other = request("/a", { authorization: bound("00".repeat(32)) });
    denied(await paywall.check(other, terms), "CREDENTIAL_PREIMAGE_MISMATCH");
    granted(await paywall.check(request("/a", { authorization: bound(preimage) }), terms));
  });

  it("the preimage of a cheap payment with the token of a dear one", async () => {
    const { paywall, buy } = openShop();
    const [, preimage] = (await buy("/cheap", { price: 1 })).split(":");
    const { token } = offerOf(await paywall.check(request("/dear"), { price: 1000 }));
    const decision = await paywall.check(request("/dear", { authorization: `L402 ${token}:${preimage}` }), {
      price: 1000,
    });
    denied(decision, "CREDENTIAL_PREIMAGE_MISMATCH");
  });

  it("a flipped byte anywhere in the token", async () => {
    const { paywall, buy } = openShop();
    const [token, preimage] = (await buy("/a", terms)).replace("L402 ", "").split(":") as [string, string];
    const bytes = fromBase64(token) as Uint8Array;
    for (let i = 0; i < bytes.length; i++) {
      for (const flip of [1, 0x20, 0x80]) {
        const changed = bytes.slice();
        changed[i] = (changed[i] as number) ^ flip;
        const authorization = `L402 ${toBase64Url(changed)}:${preimage}`;
        expect(denied(await paywall.check(request("/a", { authorization }), terms)).reply.status).toBe(401);
      }
    }
    granted(await paywall.check(request("/a", { authorization: `L402 ${token}:${preimage}` }), terms));
  });

  it("an appended wider caveat", async () => {
    const { paywall, buy, clock } = openShop();
    const [token, preimage] = (await buy("/a", { ...terms, validForSeconds: 60 })).replace("L402 ", "").split(":") as [
      string,
      string,
    ];
    const wider = attenuateToken(token, { resource: "GET /dear", expiresAt: new Date("2099-01-01"), uses: 1000 });
    const credential = { authorization: `L402 ${wider}:${preimage}` };
    denied(await paywall.check(request("/dear", credential), terms), "CREDENTIAL_WRONG_RESOURCE");

    const longer = attenuateToken(token, { expiresAt: new Date("2099-01-01"), uses: 1000 });
    const asking = request("/a", { authorization: `L402 ${longer}:${preimage}` });
    granted(await paywall.check(asking, terms));
    denied(await paywall.check(asking, terms), "CREDENTIAL_USED_UP");
    clock.advanceSeconds(10_000);
    denied(await paywall.check(asking, terms), "CREDENTIAL_EXPIRED");
  });

  it("a token of another shop", async () => {
    const shop = openShop();
    const other = openShop({ secret: "the secret of another shop, long enough" });
    const authorization = await other.buy("/a", terms);
    const decision = await shop.paywall.check(request("/a", { authorization }), terms);
    expect(denied(decision, "CREDENTIAL_NOT_AUTHENTIC").reply.status).toBe(401);
    expectNoOffer(decision);
    expect(shop.lightning.calls.createInvoice).toBe(0);
  });

  const fails = (code: "CREDENTIAL_NOT_AUTHENTIC" | "CREDENTIAL_MALFORMED") => () => {
    throw new L402Error(code);
  };
  it.each([
    ["nothing", 401, () => undefined],
    ["a promise of nothing", 401, async () => undefined],
    ["null", 401, () => null],
    ["a promise of null", 401, async () => null],
    ["false", 401, () => false],
    ["an empty text", 401, () => ""],
    ["an error that says so", 401, fails("CREDENTIAL_NOT_AUTHENTIC")],
    ["a promise of an error", 401, async () => fails("CREDENTIAL_NOT_AUTHENTIC")()],
    ["true", 500, () => true],
    ["a promise of true", 500, async () => true],
    ["a text", 500, () => "a token"],
    ["an object", 500, () => ({})],
    ["a list", 500, async () => []],
    ["an empty payment hash", 401, () => ({ claims: { paymentHash: "" }, caveats: [] })],
    ["no caveats", 500, (genuine: AuthenticToken) => ({ claims: genuine.claims })],
    ["no claims", 500, (genuine: AuthenticToken) => ({ caveats: genuine.caveats })],
  ])("a token format that answers %s: %i", async (_, status, answer) => {
    const shop = openShop();
    const [token, preimage] = (await shop.buy("/a", terms)).replace("L402 ", "").split(":") as [string, string];
    const { mint, authenticate } = signedJsonFormat();
    const tokenFormat = {
      name: "odd",
      mint,
      authenticate: (text, keys) => answer(authenticate(text, keys) as AuthenticToken),
    } as TokenFormat;
    const gate = shop.open({ tokenFormat }).gate(terms);
    for (const tokens of [token, `${token},AAAA`, `AAAA,${token}`]) {
      const decision = await gate(request("/a", { authorization: `L402 ${tokens}:${preimage}` }));
      expect(denied(decision).reply.status).toBe(status);
      expectNoOffer(decision);
    }
    expect(shop.lightning.calls.createInvoice).toBe(1);
    granted(await shop.paywall.gate(terms)(request("/a", { authorization: `L402 ${token}:${preimage}` })));
  });

  it("junk gets a 402 with an invoice only where the seller wants Aperture's behaviour", async () => {
    const { paywall, lightning } = openShop({ challengeOnInvalid: true });
    for (const authorization of ["L402 junk", `L402 e30:${"00".repeat(32)}`]) {
      const decision = await paywall.check(request("/a", { authorization }), terms);
      expect(denied(decision).reply.status).toBe(402);
      offerOf(decision);
    }
    expect(lightning.calls.createInvoice).toBe(2);
  });
});

describe("rotating the secret", () => {
  const [first, second] = ["the first secret, at least 32 bytes", "the second secret, also 32 bytes and more"];

  it("honours tokens of the old key until it is removed", async () => {
    const terms = { price: 10, uses: 9 };
    const shop = openShop({ secret: [{ id: "old", secret: first }] });
    const authorization = await shop.buy("/a", terms);
    const rotated = shop.open({
      secret: [
        { id: "new", secret: second },
        { id: "old", secret: first },
      ],
    });
    granted(await rotated.check(request("/a", { authorization }), terms));

    const fresh = offerOf(await rotated.check(request("/a"), terms)).token;
    expect(Buffer.from(fresh, "base64url").toString()).toContain('"kid":"new"');

    const removed = shop.open({ secret: [{ id: "new", secret: second }] });
    denied(await removed.check(request("/a", { authorization }), terms), "CREDENTIAL_NOT_AUTHENTIC");
    const renamed = shop.open({ secret: [{ id: "old", secret: second }] });
    denied(await renamed.check(request("/a", { authorization }), terms), "CREDENTIAL_NOT_AUTHENTIC");
  });
});
