import assert from "node:assert/strict";
import type { KitCase } from "../kit.ts";
import type { BoundFormatSubject } from "../token-format.ts";
import { mint } from "./claim-cases.ts";
import { expectRefusal } from "./forgery-cases.ts";
import { SECRET, sampleClaims } from "./sample-claims.ts";

const base64url = (text: string) => Buffer.from(text, "latin1").toString("base64url");

/** Invalid input is refused quickly, and only with the errors that a server expects. */
export const tokenJunkCases: readonly KitCase<BoundFormatSubject>[] = [
  {
    name: "refuses random junk, and throws nothing but an L402Error",
    safety: true,
    async run(subject) {
      const format = subject.create(SECRET);
      const random = randomNumbers(402);
      for (let i = 0; i < 2000; i++) {
        const length = Math.floor(random() * 300);
        const text = Array.from({ length }, () => String.fromCharCode(Math.floor(random() * 256))).join("");
        await expectRefusal(format, text, "random characters");
        await expectRefusal(format, base64url(text), "random bytes");
      }
    },
  },
  {
    name: "refuses JSON and binary texts that look like a token",
    safety: true,
    async run(subject) {
      const format = subject.create(SECRET);
      for (const text of LOOKALIKES) {
        await expectRefusal(format, text, "a text that only looks like a token");
        await expectRefusal(format, base64url(text), "bytes that only look like a token");
      }
    },
  },
  {
    name: "refuses a token made by hand, with no signature or an empty one",
    safety: true,
    async run(subject) {
      const { expiresAt, ...claims } = sampleClaims();
      const exp = Math.floor(expiresAt.getTime() / 1000);
      const short = { v: 1, kid: "k1", id: claims.tokenId, hash: claims.paymentHash, exp };
      const rest = { res: claims.resource, msat: claims.amountMsat, uses: claims.uses };
      for (const end of [
        {},
        { sig: "" },
        { sig: null },
        { sig: "A".repeat(43) },
        { caveats: [], sig: "A".repeat(43) },
      ]) {
        await expectRefusal(
          subject.create(SECRET),
          base64url(JSON.stringify({ ...short, ...rest, ...end })),
          "no signature",
        );
        await expectRefusal(
          subject.create(SECRET),
          base64url(JSON.stringify({ ...claims, exp, ...end })),
          "no signature",
        );
      }
    },
  },
  {
    name: "refuses oversize texts at once",
    safety: true,
    async run(subject) {
      const format = subject.create(SECRET);
      const token = await mint(format, sampleClaims());
      const huge = 4_000_000;
      const oversize = [
        token.padEnd(huge, "A"),
        token.padStart(huge, "A"),
        "=".repeat(huge),
        base64url("[".repeat(huge)),
      ];
      const started = performance.now();
      for (const text of oversize) await expectRefusal(format, text, "megabytes of junk");
      const milliseconds = performance.now() - started;
      assert.ok(milliseconds < 1000, `Refusing 16 MB of junk took ${Math.round(milliseconds)} ms.`);
    },
  },
];

const LOOKALIKES: readonly string[] = [
  "",
  "{}",
  "[]",
  "null",
  "{",
  '{"v":1}',
  '{"v":1,"kid":"k1"',
  '{"v":1,"kid":"k1","sig":""}',
  '{"v":1,"kid":"__proto__","id":"x","sig":"x"}',
  '{"__proto__":{"v":1},"constructor":1}',
  '{"v":1,"kid":"k1","caveats":[[[[[[]]]]]],"sig":"x"}',
  `{"v":1,"kid":"k1","caveats":${"[".repeat(1000)},"sig":"${"A".repeat(43)}"}`,
  `{"v":1,"kid":"${"k".repeat(3000)}","sig":"${"A".repeat(43)}"}`,
  "\x02",
  "\x02\x02\x42\x00\x00",
  "\x02\x02\xff\xff\xff\xff\x0f",
  `\x02\x02\x42${"\x00".repeat(66)}\x00\x00\x06\x20${"\x00".repeat(32)}`,
  "\x00".repeat(300),
  "\xff".repeat(300),
];

/** Returns the same numbers in every run, so that a failure can be repeated. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
