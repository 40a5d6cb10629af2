import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCredential, isL402Error, parseChallenges } from "../../src/index.ts";
import { formatChallenge } from "../../src/wire/challenge-header.ts";

const offer = { token: "AbC-_9==", invoice: "lnbc10n1pxyz" };

describe("parseChallenges", () => {
  it("reads what formatChallenge writes, as lines and joined by fetch", () => {
    expect(parseChallenges(formatChallenge(offer))).toEqual([offer]);
    expect(parseChallenges(formatChallenge(offer).join(", "))).toEqual([offer]);
    const other = { ...offer, invoice: "lnbc20n1pxyz" };
    expect(parseChallenges([...formatChallenge(offer), ...formatChallenge(other)])).toEqual([offer, other]);
  });

  it.each([
    ["Aperture", 'LSAT macaroon="AbC-_9==", invoice="lnbc10n1pxyz"'],
    ["the current specification", 'L402 version="0", token="AbC-_9==", invoice="lnbc10n1pxyz"'],
    ["any order", 'L402 invoice="lnbc10n1pxyz", macaroon="AbC-_9=="'],
    ["any case and no space", 'l402 INVOICE="lnbc10n1pxyz",Macaroon="AbC-_9=="'],
    ["spaces around =", 'L402 invoice = "lnbc10n1pxyz" , macaroon = "AbC-_9=="'],
    ["no quotes", "L402 invoice=lnbc10n1pxyz, macaroon=AbC-_9=="],
    ["unknown parameters", 'L402 realm="a, b", macaroon="AbC-_9==", x=1, invoice="lnbc10n1pxyz"'],
    ["other schemes around it", 'Bearer realm="x", L402 macaroon="AbC-_9==", invoice="lnbc10n1pxyz", Payment id="1"'],
    ["a scheme with a bare token before it", 'Basic Zm9v==, L402 macaroon="AbC-_9==", invoice="lnbc10n1pxyz"'],
    ["escapes in a quoted text", 'L402 macaroon="AbC\\-_9==", invoice="lnbc10n1pxyz"'],
  ])("reads %s", (_, header) => {
    expect(parseChallenges(header)).toEqual([offer]);
  });

  it("is not fooled by a challenge inside a quoted text", () => {
    const header = 'Payment description="x, L402 macaroon=\\"evil\\", invoice=\\"lnbc1evil\\"", id="1"';
    expect(parseChallenges(header)).toEqual([]);
  });

  it("takes the first of a repeated parameter", () => {
    const header = 'L402 macaroon="AbC-_9==", invoice="lnbc10n1pxyz", invoice="lnbc1evil"';
    expect(parseChallenges(header)).toEqual([offer]);
  });

  it.each([
    ["nothing", null],
    ["no invoice", 'L402 macaroon="a"'],
    ["no token", 'L402 invoice="a"'],
    ["an empty invoice", 'L402 macaroon="a", invoice=""'],
    ["another scheme", 'Payment macaroon="a", invoice="b"'],
    ["parameters without a scheme", 'macaroon="a", invoice="b"'],
  ])("finds nothing in %s", (_, header) => {
    expect(parseChallenges(header)).toEqual([]);
  });

  it("refuses headers too large to be a challenge", () => {
    expect(() => parseChallenges("x".repeat(16_385))).toThrow(expect.objectContaining({ code: "CHALLENGE_MALFORMED" }));
    expect(() => parseChallenges("a b ".repeat(20))).toThrow(expect.objectContaining({ code: "CHALLENGE_MALFORMED" }));
  });

  it("never throws anything but an L402Error", () => {
    const piece = fc.constantFrom(
      "L402 ",
      "macaroon=",
      "invoice=",
      '"',
      "\\",
      ",",
      "=",
      " ",
      "abc",
      "\n",
      "é",
      "token=",
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece, { maxLength: 60 }).map((list) => list.join("")),
    );
    fc.assert(
      fc.property(text, (header) => {
        try {
          for (const { token, invoice } of parseChallenges(header)) expect(token && invoice).toBeTruthy();
        } catch (error) {
          expect(isL402Error(error)).toBe(true);
        }
      }),
      { numRuns: 10_000 },
    );
  });

  it("takes linear time for the largest header", () => {
    for (const filler of ['="', '"\\"', 'a="\\', "a=,", '"', "=", ",", "a", 'a="b\\\n', " "]) {
      const header = `L402 ${filler.repeat(Math.floor(16_000 / filler.length))}`;
      // The time of the processor, because a busy machine is no reason to fail.
      const start = process.cpuUsage();
      try {
        parseChallenges(header);
      } catch (error) {
        expect(isL402Error(error)).toBe(true);
      }
      expect(process.cpuUsage(start).user / 1000).toBeLessThan(50);
    }
  });
});

describe("formatCredential", () => {
  it("sends the token exactly as it was received", () => {
    expect(formatCredential("AbC-_9==", "AB".repeat(32))).toBe(`L402 AbC-_9==:${"ab".repeat(32)}`);
  });
});
