import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromBase64, toBase64 } from "../../../src/bytes.ts";
import { attenuateMacaroon, macaroonCaveatsFor } from "../../../src/token/macaroon/macaroon-attenuation.ts";
import { macaroonFormat } from "../../../src/token/macaroon/macaroon-format.ts";
import { CLAIMS, codeOf, KEYS, withKeys } from "./macaroon-fixtures.ts";

const format = withKeys(macaroonFormat({ unknownCaveats: "skip" }), KEYS);
const token = format.mint(CLAIMS);
const bytes = fromBase64(token) as Uint8Array;

const mutated = fc
  .array(fc.tuple(fc.nat({ max: bytes.length }), fc.nat({ max: 2 }), fc.uint8Array({ maxLength: 3 })), {
    minLength: 1,
    maxLength: 4,
  })
  .map((edits) => {
    const changed = [...bytes];
    for (const [at, remove, insert] of edits) changed.splice(at, remove, ...insert);
    return toBase64(Uint8Array.from(changed));
  });
// Only bytes with a meaning in the layout, so that many runs get past the first checks.
const grammatical = fc
  .array(
    fc.constantFrom(
      [2],
      [0],
      [1, 1, 0x61],
      [2, 3, 0x61, 0x3d, 0x62],
      [2, 66],
      [6, 32],
      [0x80],
      bytes.slice(9, 75),
      bytes.slice(-32),
    ),
  )
  .map((parts) => toBase64(Uint8Array.from([2, ...parts.flatMap((part) => [...part])])));
const anyText = fc.oneof(
  fc.string({ unit: "binary", maxLength: 300 }),
  fc.string({ unit: "grapheme", maxLength: 300 }),
  fc.base64String({ maxLength: 600 }),
  fc.uint8Array({ maxLength: 400 }).map(toBase64),
  mutated,
  grammatical,
);

describe("any text at all", () => {
  it("is either our token or an L402Error", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        if (fromBase64(text) && toBase64(fromBase64(text) as Uint8Array) === token) return;
        expect(codeOf(() => format.authenticate(text))).toMatch(/^CREDENTIAL_(MALFORMED|NOT_AUTHENTIC)$/);
      }),
      { numRuns: 20_000 },
    );
  });

  it("is either narrowed or refused with an L402Error", () => {
    fc.assert(
      fc.property(anyText, fc.array(fc.string({ unit: "binary" }), { maxLength: 3 }), (text, caveats) => {
        codeOf(() => attenuateMacaroon(text, caveats));
        codeOf(() => macaroonCaveatsFor(text, { uses: 1 }));
      }),
      { numRuns: 10_000 },
    );
  });

  it("added as caveats is either understood or refused with an L402Error", () => {
    const strict = withKeys(macaroonFormat(), KEYS);
    const condition = fc.constantFrom(
      "services=",
      "l402_capabilities=",
      "l402_valid_until=",
      "l402_resource=",
      "l402_uses=",
      "",
    );
    const caveat = fc.tuple(condition, fc.string({ unit: "grapheme-ascii" })).map(([start, end]) => start + end);
    fc.assert(
      fc.property(fc.array(caveat, { minLength: 1, maxLength: 4 }), (caveats) => {
        codeOf(() => {
          const authentic = strict.authenticate(attenuateMacaroon(token, caveats));
          expect(authentic.claims).toEqual(CLAIMS);
        });
      }),
      { numRuns: 10_000 },
    );
  });

  it("is refused quickly when it is long", () => {
    const long = [
      "A".repeat(65_536),
      "=".repeat(65_536),
      toBase64(new Uint8Array(49_152).fill(2)),
      token.repeat(200),
      toBase64(Uint8Array.from([...bytes.slice(0, 76), ...new Array(1000).fill([2, 1, 0x61, 0]).flat()])).slice(
        0,
        5460,
      ),
    ];
    const start = performance.now();
    for (let i = 0; i < 200; i++) {
      for (const text of long) expect(codeOf(() => format.authenticate(text))).toBe("CREDENTIAL_MALFORMED");
    }
    // A thousand refusals take far below a millisecond each, even on a busy machine.
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
