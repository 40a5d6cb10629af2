import assert from "node:assert/strict";
import type { KitCase } from "../kit.ts";
import type { BoundFormatSubject } from "../token-format.ts";
import { mint, read } from "./claim-cases.ts";
import { ODD_RESOURCES, SECRET, sampleClaims } from "./sample-claims.ts";

/** A token survives the headers and the clients through which it passes. */
export const tokenTextCases: readonly KitCase<BoundFormatSubject>[] = [
  {
    name: "makes tokens that fit between quotes in a header and before the colon of a credential",
    safety: true,
    async run(subject) {
      const format = subject.create(SECRET);
      for (const resource of ODD_RESOURCES) {
        const token = await mint(format, sampleClaims({ resource }));
        assert.ok(
          /^[!-~]+$/.test(token) && !/["\\,:\s]/.test(token),
          'A token must be printable and hold none of " \\ , :',
        );
      }
    },
  },
  {
    name: "makes tokens that leave room in a header",
    safety: false,
    async run(subject) {
      const token = await mint(subject.create(SECRET), sampleClaims());
      assert.ok(token.length <= 1024, `A token of a short resource has ${token.length} characters; aim for 1024.`);
    },
  },
  {
    name: "accepts standard and URL-safe base64, padded or not, because clients encode tokens again",
    safety: false,
    async run(subject) {
      const format = subject.create(SECRET);
      for (const filler of ["", "~", "~~", "~~~", "?~?~"]) {
        const claims = sampleClaims({ resource: `GET />>>???~~~${filler}` });
        const bytes = Buffer.from(await mint(format, claims), "base64url");
        const padded = bytes.toString("base64");
        for (const text of [padded, unpad(padded), urlSafe(padded), unpad(urlSafe(padded))]) {
          assert.deepEqual({ ...(await read(format, text)).claims }, claims);
        }
      }
    },
  },
];

const unpad = (text: string) => text.replace(/=+$/, "");
const urlSafe = (text: string) => text.replaceAll("+", "-").replaceAll("/", "_");
