import { createKeyRing, L402Error, signedJsonFormat, type TokenClaims } from "@l402/core";
import { type BoundFormat, bindKeys } from "../../src/kits/token-format/bound-format.ts";
import type { BoundFormatSubject } from "../../src/kits/token-format.ts";

/** The default format, and nothing wrong with it. */
const goodSubject: BoundFormatSubject = {
  name: "signedJsonFormat",
  create: (secret) => bindKeys(signedJsonFormat(), secret),
};

type Change = (format: BoundFormat, ring: ReturnType<typeof createKeyRing>) => Partial<BoundFormat>;

export const broken = (change: Change): BoundFormatSubject => ({
  name: "a broken format",
  create(secret) {
    const format = goodSubject.create(secret);
    return { ...format, ...change(format, createKeyRing(secret)) };
  },
});

const withRing = (ring: ReturnType<typeof createKeyRing>): BoundFormat => ({
  mint: (claims) => signedJsonFormat().mint(claims, ring),
  authenticate: (token) => signedJsonFormat().authenticate(token, ring),
});

const malformed = () => new L402Error("CREDENTIAL_MALFORMED", "This is no token.");

/** What some libraries call a token: base64 of JSON, with nothing behind it. */
function readUnsigned(token: string) {
  try {
    const { exp, ...claims } = JSON.parse(Buffer.from(token, "base64url").toString());
    if (typeof exp !== "number") throw malformed();
    return { claims: { ...claims, expiresAt: new Date(exp * 1000) } as TokenClaims, caveats: [] };
  } catch {
    throw malformed();
  }
}

const NOTHING: TokenClaims = {
  paymentHash: "0".repeat(64),
  resource: "",
  amountMsat: 1,
  uses: 1,
  expiresAt: new Date(0),
  tokenId: "",
};

const mintUnsigned = ({ expiresAt, ...claims }: TokenClaims) =>
  Buffer.from(JSON.stringify({ ...claims, exp: expiresAt.getTime() / 1000 })).toString("base64url");

const withClaims = (
  format: BoundFormat,
  change: (claims: TokenClaims) => Partial<TokenClaims>,
): Partial<BoundFormat> => ({
  async authenticate(token) {
    const read = await format.authenticate(token);
    return read && { ...read, claims: { ...read.claims, ...change(read.claims) } };
  },
});

/** What can be wrong with a format, and the case that has to notice it. */
export const BROKEN_FORMATS: readonly [what: string, failingCase: string, change: Change][] = [
  [
    "is not signed",
    "refuses a token made by hand, with no signature or an empty one",
    () => ({ mint: mintUnsigned, authenticate: readUnsigned }),
  ],
  [
    "is not signed, and survives changes",
    "refuses a token with any character changed",
    () => ({ mint: mintUnsigned, authenticate: readUnsigned }),
  ],
  [
    "signs nothing but the signature's length",
    "refuses the signature of one token on another",
    (format) => ({
      mint: async (claims) => Buffer.from(`${bytesOf(mintUnsigned(claims))}${"x".repeat(45)}`).toString("base64url"),
      authenticate: (token) => {
        const text = bytesOf(token).toString();
        return text.endsWith("x")
          ? readUnsigned(Buffer.from(text.slice(0, -45)).toString("base64url"))
          : format.authenticate(token);
      },
    }),
  ],
  [
    "takes any JSON for a token",
    "refuses JSON and binary texts that look like a token",
    (format) => ({
      authenticate: (token) =>
        bytesOf(token).toString() === '{"v":1}' ? readUnsigned(mintUnsigned(NOTHING)) : format.authenticate(token),
    }),
  ],
  [
    "throws what it should answer",
    "refuses a token of another secret",
    (format) => ({
      async authenticate(token) {
        const read = await format.authenticate(token);
        if (!read) throw new L402Error("CREDENTIAL_NOT_AUTHENTIC");
        return read;
      },
    }),
  ],
  [
    "answers null",
    "refuses a token of another secret that has the same id",
    (format) => ({
      async authenticate(token) {
        const read = await format.authenticate(token);
        return read ?? (null as unknown as undefined);
      },
    }),
  ],
  ["knows no token", "reads the claims that it minted", () => ({ authenticate: () => undefined })],
  [
    "goes by the id of a secret",
    "refuses a token of another secret that has the same id",
    (_, ring) => goodSubject.create([{ id: ring.current.id, secret: "the same secret for everybody, 32+" }]),
  ],
  [
    "reads another hash than it was given",
    "reads the claims that it minted",
    (format) => withClaims(format, ({ paymentHash }) => ({ paymentHash: paymentHash.toUpperCase() })),
  ],
  [
    "is wordy",
    "makes tokens that leave room in a header",
    (format) => ({ mint: async (claims) => `${await format.mint(claims)}${"A".repeat(1000)}` }),
  ],
  [
    "ignores the last characters",
    "refuses a token with any character changed",
    (format) => ({
      mint: async (claims) => `${await format.mint(claims)}AAAA`,
      authenticate: (token) => format.authenticate(token.slice(0, -4)),
    }),
  ],
  [
    "ignores one bit",
    "refuses a token with any bit changed",
    (format) => ({
      mint: async (claims) => Buffer.concat([Buffer.of(0), bytesOf(await format.mint(claims))]).toString("base64url"),
      authenticate: (token) => format.authenticate(bytesOf(token).subarray(1).toString("base64url")),
    }),
  ],
  [
    "ignores white space",
    "refuses a token with anything added",
    (format) => ({ authenticate: (token) => format.authenticate(token.trim()) }),
  ],
  [
    "reads only as far as it knows",
    "refuses a token with anything added",
    (format) => {
      const lengths = new Set<number>();
      return {
        async mint(claims) {
          const token = await format.mint(claims);
          lengths.add(token.length);
          return token;
        },
        authenticate: (token) => format.authenticate(token.slice(0, Math.max(...lengths, 1))),
      };
    },
  ],
  [
    "accepts what was cut off",
    "refuses a token that was cut off anywhere",
    (format) => {
      const tokens: string[] = [];
      return {
        async mint(claims) {
          tokens.push(await format.mint(claims));
          return tokens.at(-1) as string;
        },
        authenticate: (text) =>
          format.authenticate(tokens.find((token) => text.length > 40 && token.startsWith(text)) ?? text),
      };
    },
  ],
  [
    "has the same key for every secret",
    "refuses a token of another secret",
    () => goodSubject.create("the same secret for everybody, 32+"),
  ],
  [
    "verifies with the first secret only",
    "signs with the first of several secrets and verifies with all of them",
    (_, ring) => withRing({ ...ring, find: (id) => (id === ring.current.id ? ring.current : undefined) }),
  ],
  [
    "signs with the last secret",
    "signs with the first of several secrets and verifies with all of them",
    (_, ring) => withRing({ ...ring, current: [...ring.all()].at(-1) as typeof ring.current }),
  ],
  [
    "rounds amounts to sats",
    "keeps every amount to the millisatoshi",
    (format) => withClaims(format, ({ amountMsat }) => ({ amountMsat: Math.round(amountMsat / 1000) * 1000 })),
  ],
  [
    "forgets that a price was computed",
    "keeps that a price was computed, and what the provider calls the invoice",
    (format) => ({
      async authenticate(token) {
        const read = await format.authenticate(token);
        if (!read) return undefined;
        const { computed: _, ...rest } = read.claims;
        return { claims: rest, caveats: read.caveats };
      },
    }),
  ],
  [
    "forgets unlimited",
    "keeps every number of uses, and unlimited",
    (format) => withClaims(format, ({ uses }) => ({ uses: uses === "unlimited" ? 1 : uses })),
  ],
  [
    "reads seconds as milliseconds",
    "keeps every expiry to the second",
    (format) => withClaims(format, ({ expiresAt }) => ({ expiresAt: new Date(expiresAt.getTime() / 1000) })),
  ],
  [
    "trims resources",
    "keeps every printable ASCII character of a resource",
    (format) => withClaims(format, ({ resource }) => ({ resource: resource.trim() })),
  ],
  [
    "leaves the token id out",
    "makes two tokens of the same payment that differ by their token id",
    (format) => ({ mint: (claims) => format.mint({ ...claims, tokenId: "AAAAAAAAAAAAAAAAAAAAAA" }) }),
  ],
  [
    "throws what JSON.parse throws",
    "refuses random junk, and throws nothing but an L402Error",
    (format) => ({
      authenticate(token) {
        JSON.parse(Buffer.from(token, "base64url").toString());
        return format.authenticate(token);
      },
    }),
  ],
  [
    "shows the token in its errors",
    "refuses a token with any character changed",
    () => ({
      authenticate(token) {
        throw new L402Error("CREDENTIAL_MALFORMED", `Not a token: ${token}`);
      },
    }),
  ],
  [
    "is slow with large texts",
    "refuses oversize texts at once",
    (format) => ({
      authenticate(token) {
        const end = performance.now() + token.length / 10_000;
        while (performance.now() < end);
        return format.authenticate(token);
      },
    }),
  ],
  [
    "is plain JSON",
    "makes tokens that fit between quotes in a header and before the colon of a credential",
    (format) => ({
      mint: async (claims) => bytesOf(await format.mint(claims)).toString(),
      authenticate: (token) => format.authenticate(Buffer.from(token).toString("base64url")),
    }),
  ],
  [
    "reads one alphabet only",
    "accepts standard and URL-safe base64, padded or not, because clients encode tokens again",
    (format) => ({
      authenticate(token) {
        if (!/^[\w-]*$/.test(token)) throw malformed();
        return format.authenticate(token);
      },
    }),
  ],
];

const bytesOf = (token: string) => Buffer.from(token, "base64url");
