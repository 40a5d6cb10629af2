import { randomBytes } from "node:crypto";
import type { TokenClaims } from "@l402/core";

/** Claims as a paywall would create them, with their own hash and id. */
export const sampleClaims = (changes: Partial<TokenClaims> = {}): TokenClaims => ({
  paymentHash: randomBytes(32).toString("hex"),
  resource: "GET /weather",
  amountMsat: 10_000,
  uses: 1,
  expiresAt: new Date("2030-01-01T00:00:00Z"),
  tokenId: randomBytes(16).toString("base64url"),
  ...changes,
});

export const SECRET = "a secret of the conformance kit, 1";
export const OTHER_SECRET = "a secret of the conformance kit, 2";

/** Resources that break parsers which search a text for quotes, commas or field names. */
export const ODD_RESOURCES: readonly string[] = [
  'GET /"quoted"',
  "GET /back\\slash\\\\",
  'GET /x","caveats":["res=GET /"],"sig":"',
  ',"caveats":[],"sig":"',
  'GET /\\","msat":1,"uses":"unlimited',
  "res=GET /a=b==c:d::e",
  "services=weather:0,news:1",
  "GET /~~~???>>>/%2f%00",
  "POST /{}[]<>|^`';!@#$&*()",
  "  leading and trailing blanks  ",
  "null",
  "=",
  `GET /${"x".repeat(500)}`,
];
