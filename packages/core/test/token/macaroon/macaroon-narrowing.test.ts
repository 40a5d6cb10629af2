import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toBase64, toHex } from "../../../src/bytes.ts";
import { attenuateMacaroon } from "../../../src/token/macaroon/macaroon-attenuation.ts";
import { encodeMacaroon, macaroonFromText } from "../../../src/token/macaroon/macaroon-codec.ts";
import { macaroonFormat } from "../../../src/token/macaroon/macaroon-format.ts";
import {
  anyExpiry,
  anyResource,
  anyUses,
  CLAIMS,
  codeOf,
  KEYS,
  rootKeyOf,
  sign,
  withKeys,
} from "./macaroon-fixtures.ts";

const format = withKeys(macaroonFormat(), KEYS);
const lenient = withKeys(macaroonFormat({ unknownCaveats: "skip" }), KEYS);
const token = format.mint({ ...CLAIMS, uses: 10 });
const PREIMAGE = "ca18bdfb9bc8beb90fb756c09ff729653730f42eabc3fce9d20740eab0a4f752";

const withCaveats = (...caveats: string[]) => format.authenticate(attenuateMacaroon(token, caveats));

describe("what a holder adds", () => {
  const anyCaveat = fc.oneof(
    anyResource.map((resource) => `l402_resource=${resource.slice(0, 100)}`),
    anyExpiry.map((date) => `l402_valid_until=${date.getTime() / 1000}`),
    anyUses.map((uses) => `l402_uses=${uses}`),
    fc.constantFrom("services=l402:0", "l402_capabilities=", `preimage=${PREIMAGE}`, "unknown=1"),
  );
  const anyCaveats = fc.array(anyCaveat, { maxLength: 8 });

  it("gains nothing: claims stay, and so does every earlier caveat", () => {
    fc.assert(
      fc.property(anyCaveats, anyCaveats, (first, second) => {
        const narrow = attenuateMacaroon(token, first);
        const narrower = attenuateMacaroon(narrow, second);
        const before = lenient.authenticate(narrow);
        const after = lenient.authenticate(narrower);
        expect(after.claims).toEqual({ ...CLAIMS, uses: 10 });
        expect(after.caveats.slice(0, before.caveats.length)).toEqual(before.caveats);
        expect(narrower).toBe(attenuateMacaroon(token, [...first, ...second]));
      }),
      { numRuns: 500 },
    );
  });

  it("gains nothing by saying more than was sold", () => {
    const wider = withCaveats(
      "l402_valid_until=4000000000",
      "l402_uses=1000000",
      "l402_resource=*",
      "l402_resource=GET /",
    );
    expect(wider.claims).toEqual({ ...CLAIMS, uses: 10 });
    expect(wider.caveats.map(({ type }) => type)).toEqual(["expiry", "uses", "resource", "resource"]);
  });

  it("cannot say that a price was not computed", () => {
    const computed = format.mint({ ...CLAIMS, computed: true });
    for (const value of ["", "true", "false"]) {
      const narrower = attenuateMacaroon(computed, [`l402_computed=${value}`]);
      expect(lenient.authenticate(narrower).claims).toEqual({ ...CLAIMS, computed: true });
      expect(codeOf(() => format.authenticate(narrower))).toBe("CREDENTIAL_MALFORMED");
    }
  });

  it("does not undo an earlier expiry with a later one", () => {
    const { caveats } = withCaveats("l402_valid_until=1000000000", "l402_valid_until=4000000000");
    expect(caveats).toEqual([
      { type: "expiry", expiresAt: new Date(1_000_000_000_000) },
      { type: "expiry", expiresAt: new Date(4_000_000_000_000) },
    ]);
  });

  it("cannot be taken away, reordered or changed by the next holder", () => {
    const added = ["l402_uses=3 nonce", "l402_valid_until=1780000000"];
    const macaroon = macaroonFromText(attenuateMacaroon(token, added));
    const minted = macaroonFromText(token).caveats;
    for (const caveats of [
      minted,
      [...minted, "l402_uses=3 nonce"],
      [...minted, "l402_valid_until=1780000000"],
      [...minted, ...[...added].reverse()],
      [...minted, "l402_uses=4 nonce", "l402_valid_until=1780000000"],
      [...added, ...minted],
    ]) {
      const forged = toBase64(encodeMacaroon({ ...macaroon, caveats }));
      expect(codeOf(() => format.authenticate(forged))).toBe("CREDENTIAL_NOT_AUTHENTIC");
    }
  });

  it("tells sub-tokens apart: two limits on uses have two ids", () => {
    const idsOf = (...caveats: string[]) =>
      withCaveats(...caveats).caveats.flatMap((caveat) => (caveat.type === "uses" ? [caveat.id] : []));
    const [first, second] = idsOf("l402_uses=3 a", "l402_uses=3 a") as [string, string];
    const [third] = idsOf("l402_uses=3 b") as [string];
    expect(new Set([first, second, third]).size).toBe(3);
    for (const id of [first, second, third]) expect(id).toMatch(/^[0-9a-f]{32}$/);
    // The id does not depend on later caveats. Otherwise a holder could start a new count by adding one.
    expect(idsOf("l402_uses=3 a", "l402_valid_until=1", "l402_resource=x")).toEqual([first]);
    // Another pass has another count.
    const other = attenuateMacaroon(format.mint({ ...CLAIMS, uses: 10, tokenId: "AQECAwQFBgcICQoLDA0ODw" }), [
      "l402_uses=3 a",
    ]);
    expect(format.authenticate(other).caveats).not.toMatchObject([{ id: first }]);
  });

  it("does not give away a signature of the chain", () => {
    const { identifier, caveats } = macaroonFromText(token);
    const signature = sign(rootKeyOf(identifier), identifier, [...caveats, "l402_uses=3 a"]);
    const [caveat] = withCaveats("l402_uses=3 a", "l402_valid_until=1").caveats;
    expect(caveat).toEqual({
      type: "uses",
      uses: 3,
      id: createHash("sha256").update(signature).digest("hex").slice(0, 32),
    });
    expect(toHex(signature)).not.toContain((caveat as { id: string }).id);
  });
});
