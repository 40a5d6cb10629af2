import { createHmac } from "node:crypto";
import fc from "fast-check";
import { toBase64 } from "../../../src/bytes.ts";
import { isL402Error, L402Error } from "../../../src/errors.ts";
import type { AuthenticToken, TokenClaims, TokenFormat } from "../../../src/interfaces/token-format.ts";
import { createKeyRing, type KeyRing } from "../../../src/token/key-ring.ts";
import { encodeMacaroon, type Macaroon, macaroonFromText } from "../../../src/token/macaroon/macaroon-codec.ts";

export const SECRET = "a secret of at least thirty-two bytes, for tests only";
export const KEYS = createKeyRing(SECRET);

/**
 * A format with its keys. Both of our formats answer synchronously. Refuses a token that is not ours, as the engine
 * does.
 */
export const withKeys = (format: TokenFormat, keys: KeyRing) => ({
  mint: (claims: TokenClaims) => format.mint(claims, keys) as string,
  authenticate(token: string): AuthenticToken {
    const answer = format.authenticate(token, keys) as AuthenticToken | undefined;
    if (answer === undefined) throw new L402Error("CREDENTIAL_NOT_AUTHENTIC");
    return answer;
  },
});

export const CLAIMS: TokenClaims = {
  paymentHash: "df21ca5d129512185e154b78047bc16f54b252ed14fc748089fef020f10498cd",
  resource: "GET /weather",
  amountMsat: 10_000,
  uses: 1,
  expiresAt: new Date(1_790_000_000_000),
  tokenId: "AAECAwQFBgcICQoLDA0ODw",
};

/** Returns the code of the L402Error that `run` throws; fails on any other error. */
export function codeOf(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (!isL402Error(error)) throw error;
    return error.code;
  }
  return undefined;
}

/** Independent of the code under test, as are `rootKeyOf` and `sign`. */
export const hmac = (key: string | Uint8Array, ...parts: (string | Uint8Array)[]): Uint8Array => {
  const digest = createHmac("sha256", key);
  for (const part of parts) digest.update(part);
  return new Uint8Array(digest.digest());
};

export const rootKeyOf = (identifier: Uint8Array, secret = SECRET) =>
  hmac(secret, "l402/macaroon/root-key/", identifier);

export const sign = (rootKey: Uint8Array, identifier: Uint8Array, caveats: readonly string[]) =>
  caveats.reduce((key, caveat) => hmac(key, caveat), hmac(hmac("macaroons-key-generator", rootKey), identifier));

/** Makes a macaroon with a valid signature, which only the seller can do. */
export function resign(token: string, change: Partial<Macaroon>, secret = SECRET): string {
  const macaroon = { ...macaroonFromText(token), ...change };
  const signature = sign(rootKeyOf(macaroon.identifier, secret), macaroon.identifier, macaroon.caveats);
  return toBase64(encodeMacaroon({ ...macaroon, signature }));
}

const printable = (maxLength: number) =>
  fc.string({
    unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 1,
    maxLength,
  });
const base64url = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });

export const anyResource = printable(512);
export const anyExpiry = fc.integer({ min: 0, max: 8.64e12 }).map((seconds) => new Date(seconds * 1000));
export const anyUses = fc.maxSafeNat().filter((uses) => uses > 0);
export const anyClaims: fc.Arbitrary<TokenClaims> = fc.record({
  paymentHash: bytes(32).map((hash) => Buffer.from(hash).toString("hex")),
  resource: anyResource,
  amountMsat: fc.maxSafeNat(),
  uses: fc.oneof(anyUses, fc.constant("unlimited" as const)),
  expiresAt: anyExpiry,
  tokenId: bytes(16).map(base64url),
});
