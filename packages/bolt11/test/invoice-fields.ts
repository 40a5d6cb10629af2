import { Buffer } from "node:buffer";
import fc from "fast-check";
import type { DecodedInvoice } from "../src/index.ts";

const hex = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes).toString("hex"));
const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
const uint = (bits: number) => fc.integer({ min: 0, max: 2 ** bits - 1 });
// Without this, fast-check makes some objects without a prototype, which no decoder returns.
const record = <Value>(model: { [Key in keyof Value]: fc.Arbitrary<Value[Key]> }): fc.Arbitrary<Value> =>
  fc.record(model, { noNullPrototype: true });
const publicKey = fc.tuple(fc.constantFrom("02", "03"), hex(32)).map((parts) => parts.join(""));

const fallbackAddress = fc.oneof(
  record({ version: fc.constantFrom(17, 18, 0), program: hex(20) }),
  record({ version: fc.constantFrom(0, 1, 16), program: hex(32) }),
);

const routeHintHop = record({
  pubkey: publicKey,
  shortChannelId: fc.tuple(uint(24), uint(24), uint(16)).map((parts) => parts.join("x")),
  feeBaseMsat: uint(32),
  feeProportionalMillionths: uint(32),
  cltvExpiryDelta: uint(16),
});

const featureBit = fc.oneof(
  fc.constantFrom(8, 14, 16, 24, 36, 48),
  uint(8).map((n) => 2 * n + 1),
);

const text = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.string({ unit: "grapheme", maxLength: 40 }).filter((value) => new TextEncoder().encode(value).length <= 639),
);

/** Everything that an invoice can say, as `decodeInvoice` returns it; the payee is left out, because only its key can sign. */
export const invoiceFields = record({
  network: fc.constantFrom("bitcoin", "testnet", "signet", "regtest", "simnet"),
  amountMsat: optional(fc.bigInt({ min: 1n, max: 2_100_000_000_000_000_000n })),
  timestamp: fc.integer({ min: 0, max: 2 ** 35 - 1 }),
  expiresInSeconds: fc.oneof(fc.constantFrom(0, 1, 3600), uint(32), fc.integer({ min: 0, max: 8e12 })),
  paymentHash: hex(32),
  paymentSecret: hex(32),
  description: fc.oneof(
    text.map((description) => ({ description, descriptionHash: undefined })),
    hex(32).map((descriptionHash) => ({ description: undefined, descriptionHash })),
  ),
  metadata: optional(uint(6).chain(hex)),
  minFinalCltvExpiryDelta: fc.oneof(fc.constantFrom(0, 18, 40), uint(16), fc.maxSafeNat()),
  fallbackAddresses: fc.array(fallbackAddress, { maxLength: 3 }),
  routeHints: fc.array(fc.array(routeHintHop, { minLength: 1, maxLength: 3 }), { maxLength: 3 }),
  featureBits: fc.uniqueArray(featureBit, { maxLength: 6 }),
}).map(({ timestamp, expiresInSeconds, description, featureBits, ...fields }) => ({
  ...fields,
  ...description,
  timestamp: new Date(timestamp * 1000),
  expiresAt: new Date((timestamp + expiresInSeconds) * 1000),
  payee: undefined,
  featureBits: featureBits.sort((a, b) => a - b),
})) satisfies fc.Arbitrary<Omit<DecodedInvoice, "bolt11" | "signature" | "recoveryId">>;
