import assert from "node:assert/strict";
import { expectL402Error, outcomeOf } from "../expectations.ts";
import type { KitCase } from "../kit.ts";
import type { BoundFormatSubject } from "../token-format.ts";
import type { BoundFormat } from "./bound-format.ts";
import { mint, read } from "./claim-cases.ts";
import { OTHER_SECRET, SECRET, sampleClaims } from "./sample-claims.ts";

/** A token is refused unless we minted exactly this token. */
export const tokenForgeryCases: readonly KitCase<BoundFormatSubject>[] = [
  {
    name: "refuses a token with any character changed",
    safety: true,
    async run(subject) {
      const format = subject.create(SECRET);
      for (const claims of [sampleClaims(), sampleClaims({ computed: true })]) {
        const token = await mint(format, claims);
        for (let i = 0; i < token.length; i++) {
          for (const other of otherCharacters(token.charAt(i))) {
            await expectRefusal(format, token.slice(0, i) + other + token.slice(i + 1), `character ${i} changed`);
          }
        }
      }
    },
  },
  {
    name: "refuses a token with any bit changed",
    safety: true,
    async run(subject) {
      const format = subject.create(SECRET);
      for (const claims of [sampleClaims(), sampleClaims({ computed: true })]) {
        const bytes = Buffer.from(await mint(format, claims), "base64url");
        for (let i = 0; i < bytes.length * 8; i++) {
          const changed = Buffer.from(bytes);
          changed[i >> 3] = (changed[i >> 3] as number) ^ (1 << (i & 7));
          await expectRefusal(format, changed.toString("base64url"), `bit ${i} changed`);
        }
      }
    },
  },
  {
    name: "refuses a token that was cut off anywhere",
    safety: true,
    async run(subject) {
      const format = subject.create(SECRET);
      // Padding carries no data, so clients may leave it out.
      const token = (await mint(format, sampleClaims())).replace(/=+$/, "");
      for (let length = 0; length < token.length; length++) {
        await expectRefusal(format, token.slice(0, length), `only ${length} characters`);
        await expectRefusal(format, token.slice(token.length - length), `only the last ${length} characters`);
      }
    },
  },
  {
    name: "refuses a token with anything added",
    safety: true,
    async run(subject) {
      const format = subject.create(SECRET);
      const token = await mint(format, sampleClaims());
      for (const extra of ["A", "AA", "AAAA", "====", " ", "\n", "\0", ".", ",", "!", "%3D", token]) {
        await expectRefusal(format, token + extra, `${JSON.stringify(extra.slice(0, 4))} behind it`);
        await expectRefusal(format, extra + token, `${JSON.stringify(extra.slice(0, 4))} before it`);
      }
      const bytes = Buffer.from(token, "base64url");
      for (const extra of [0x00, 0x0a, 0x20, 0x22, 0x7d, 0xff]) {
        const longer = Buffer.concat([bytes, Buffer.of(extra)]);
        await expectRefusal(format, longer.toString("base64url"), `the byte ${extra} behind it`);
      }
    },
  },
  {
    name: "refuses the signature of one token on another",
    safety: true,
    async run(subject) {
      const format = subject.create(SECRET);
      const [cheap, dear] = [1, 999_000].map((amountMsat) => mint(format, sampleClaims({ amountMsat })));
      const [from, onto] = [
        Buffer.from(await (cheap as Promise<string>), "base64url"),
        await (dear as Promise<string>),
      ];
      for (const length of [32, 34, 43, 45, 64]) {
        const mixed = Buffer.concat([Buffer.from(onto, "base64url").subarray(0, -length), from.subarray(-length)]);
        await expectRefusal(format, mixed.toString("base64url"), `the last ${length} bytes of another token`);
      }
    },
  },
  {
    name: "refuses a token of another secret",
    safety: true,
    async run(subject) {
      const token = await mint(subject.create(OTHER_SECRET), sampleClaims());
      await expectRefusal(subject.create(SECRET), token, "another secret");
    },
  },
  {
    name: "signs with the first of several secrets and verifies with all of them",
    safety: true,
    async run(subject) {
      const [old, fresh] = [
        { id: "old", secret: SECRET },
        { id: "new", secret: OTHER_SECRET },
      ];
      const overlap = subject.create([fresh, old]);
      const oldToken = await mint(subject.create([old]), sampleClaims());
      const newToken = await mint(overlap, sampleClaims());
      await read(overlap, oldToken);
      await read(overlap, newToken);
      await read(subject.create([fresh]), newToken);
      await expectRefusal(subject.create([old]), newToken, "a secret that this server does not have");
      await expectRefusal(subject.create([fresh]), oldToken, "a secret that was removed");
    },
  },
  {
    name: "refuses a token of another secret that has the same id",
    safety: true,
    async run(subject) {
      const token = await mint(subject.create([{ id: "same", secret: OTHER_SECRET }]), sampleClaims());
      await expectRefusal(subject.create([{ id: "same", secret: SECRET }]), token, "another secret");
    },
  },
];

/** Checks that a token is refused: with `undefined`, or with an error without its text if it cannot be read. */
export async function expectRefusal(format: BoundFormat, token: string, what: string): Promise<void> {
  const outcome = await outcomeOf(() => format.authenticate(token));
  if ("answer" in outcome) {
    assert.ok(!outcome.answer, `A token was accepted with ${what}.`);
    assert.equal(outcome.answer, undefined, "A token that is not ours must be answered with undefined.");
    return;
  }
  // A short text may appear in a message by chance.
  const secrets = [SECRET, OTHER_SECRET, ...(token.length >= 24 ? [token] : [])];
  expectL402Error(outcome.error, /^CREDENTIAL_MALFORMED$/, secrets);
}

/** Returns characters with another meaning. In base64, `-` and `+` are the same, and so are `_` and `/`. */
const otherCharacters = (character: string) => ["A", "B", "z", "9"].filter((other) => other !== character);
