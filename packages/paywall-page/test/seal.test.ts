import { createKeyRing, macaroonFormat, signedJsonFormat } from "@l402/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readClaim, writeClaim } from "../src/claim.ts";
import { createProofs } from "../src/proof.ts";
import { createSeals } from "../src/seal.ts";

const old = { id: "old", secret: "an old secret for tests, of 32 bytes or more" };
const current = { id: "new", secret: "a new secret for tests, of 32 bytes or more" };
const seals = createSeals(createKeyRing([current, old]));

const claim = { token: "dG9rZW4", invoice: "lnbcrt1abc", expiresAt: new Date("2026-01-01T00:10:00Z"), pathLength: 4 };

describe("a seal", () => {
  it("holds for its text, also after the keys were rotated, and for nothing else", () => {
    const before = createSeals(createKeyRing([old])).make("claim", "text");
    expect(seals.holds("claim", "text", before)).toBe(true);
    expect(seals.holds("claim", "text", seals.make("claim", "text"))).toBe(true);
    expect(seals.holds("claim", "texts", before)).toBe(false);
    expect(seals.holds("claim", "text", "")).toBe(false);
    expect(createSeals(createKeyRing([current])).holds("claim", "text", before)).toBe(false);
  });

  it("is good for its own purpose, and never for another purpose", () => {
    expect(seals.holds("receipt", "text", seals.make("claim", "text"))).toBe(false);
    expect(seals.holds("claim", "text", seals.make("cla", "im\ntext"))).toBe(false);
  });

  it("is never what signs a token, in either format", async () => {
    const signed: string[] = [];
    const { id, sign } = createKeyRing([current]).current;
    const key = {
      id,
      sign(message: Uint8Array) {
        signed.push(Buffer.from(message).toString("latin1"));
        return sign(message);
      },
    };
    const spied = { current: key, find: () => key, all: () => [key] };
    const claims = {
      paymentHash: "ab".repeat(32),
      resource: "l402 page claim\n",
      amountMsat: 1000,
      uses: 1,
      expiresAt: new Date("2027-01-01"),
      tokenId: "AAAAAAAAAAAAAAAAAAAAAA",
    };
    await signedJsonFormat().mint(claims, spied);
    await macaroonFormat().mint({ ...claims, resource: "GET /" }, spied);
    createSeals(spied).make("claim", "text");
    expect(signed.length).toBeGreaterThanOrEqual(3);
    expect(signed.filter((text) => text.startsWith("l402 page "))).toEqual([signed.at(-1)]);
  });
});

describe("a claim", () => {
  const browser = "0".repeat(32);

  it("is read by the browser that it was written for", () => {
    const text = writeClaim(claim, browser, seals);
    expect(readClaim(text, ["1".repeat(32), browser], seals)).toEqual(claim);
    expect(readClaim(text, ["1".repeat(32)], seals)).toBeUndefined();
    expect(readClaim(text, [], seals)).toBeUndefined();
  });

  it("is nothing after any change", () => {
    const text = writeClaim(claim, browser, seals);
    const changed = fc
      .tuple(fc.nat(text.length - 1), fc.string({ maxLength: 3 }))
      .map(([at, put]) => text.slice(0, at) + put + text.slice(at + 1));
    fc.assert(fc.property(changed, (other) => other === text || readClaim(other, [browser], seals) === undefined));
    fc.assert(fc.property(fc.string(), (other) => readClaim(other, [browser], seals) === undefined));
  });

  it("does not move a line between the browser and the text", () => {
    const text = writeClaim(claim, `${browser}\n${"1".repeat(32)}`, seals);
    expect(readClaim(text, [browser], seals)).toBeUndefined();
  });
});

describe("a receipt", () => {
  const proofs = createProofs(seals);
  const claims = { paymentHash: "cd".repeat(32) } as never;

  it("is made only where there is no preimage that fits", () => {
    const receipt = proofs.of({ status: "settled" }, "token", claims);
    expect(receipt).toMatch(/^r[0-9a-f]{64}$/);
    expect(proofs.of({ status: "settled", preimage: "ef".repeat(32) }, "token", claims)).toBe(receipt);
    expect(proofs.holds(receipt, "token", claims)).toBe(true);
    expect(proofs.holds(receipt, "other", claims)).toBe(false);
    expect(proofs.holds(receipt, "token", { paymentHash: "ce".repeat(32) } as never)).toBe(false);
    expect(proofs.holds(receipt.slice(1), "token", claims)).toBe(false);
  });
});
