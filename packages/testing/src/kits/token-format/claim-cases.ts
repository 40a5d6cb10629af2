import assert from "node:assert/strict";
import type { AuthenticToken, TokenClaims } from "@l402/core";
import { answerOf } from "../expectations.ts";
import type { KitCase } from "../kit.ts";
import type { BoundFormatSubject } from "../token-format.ts";
import type { BoundFormat } from "./bound-format.ts";
import { ODD_RESOURCES, SECRET, sampleClaims } from "./sample-claims.ts";

/** A token returns the claims with which it was minted. */
export const tokenClaimCases: readonly KitCase<BoundFormatSubject>[] = [
  {
    name: "reads the claims that it minted",
    safety: true,
    run: (subject) => expectRoundTrip(subject, sampleClaims()),
  },
  {
    name: "keeps every number of uses, and unlimited",
    safety: true,
    async run(subject) {
      for (const uses of [1, 2, 1000, 1_000_000_000, "unlimited"] as const) {
        await expectRoundTrip(subject, sampleClaims({ uses }));
      }
    },
  },
  {
    name: "keeps every amount to the millisatoshi",
    safety: true,
    async run(subject) {
      for (const amountMsat of [1, 999, 1000, 2 ** 31, 2 ** 32 + 1, 2 ** 53 - 1]) {
        await expectRoundTrip(subject, sampleClaims({ amountMsat }));
      }
    },
  },
  {
    name: "keeps every expiry to the second",
    safety: true,
    async run(subject) {
      for (const expiresAt of ["2026-01-01T00:00:01Z", "2038-01-19T03:14:08Z", "2106-02-07T06:28:16Z"]) {
        await expectRoundTrip(subject, sampleClaims({ expiresAt: new Date(expiresAt) }));
      }
    },
  },
  {
    name: "keeps every printable ASCII character of a resource",
    safety: true,
    async run(subject) {
      const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join("");
      for (const resource of [printable, ...ODD_RESOURCES]) await expectRoundTrip(subject, sampleClaims({ resource }));
    },
  },
  {
    // Without this, a token for a computed price would count as one for a fixed price that was raised.
    name: "keeps that a price was computed, and what the provider calls the invoice",
    safety: true,
    async run(subject) {
      for (const ref of [{}, { providerRef: "charge-1" }]) {
        await expectRoundTrip(subject, sampleClaims({ ...ref, computed: true }));
        await expectRoundTrip(subject, sampleClaims(ref));
      }
    },
  },
  {
    name: "makes two tokens of the same payment that differ by their token id",
    safety: false,
    async run(subject) {
      const format = subject.create(SECRET);
      const one = sampleClaims();
      const other = { ...one, tokenId: sampleClaims().tokenId };
      assert.notEqual(await mint(format, one), await mint(format, other));
      await expectRoundTrip(subject, other);
    },
  },
];

export const mint = (format: BoundFormat, claims: TokenClaims): Promise<string> => answerOf(() => format.mint(claims));

/** Reads a token that must be accepted. */
export async function read(format: BoundFormat, token: string): Promise<AuthenticToken> {
  const answer = await answerOf(() => format.authenticate(token));
  assert.ok(answer, "A token that was minted here was refused.");
  return answer;
}

async function expectRoundTrip(subject: BoundFormatSubject, claims: TokenClaims): Promise<void> {
  const token = await mint(subject.create(SECRET), claims);
  // Use another instance, like a server that restarted, or a second server.
  const answer = await read(subject.create(SECRET), token);
  assert.deepEqual({ ...answer.claims }, claims);
  assert.deepEqual(answer.caveats, [], "A fresh token has no caveats of a holder.");
}
