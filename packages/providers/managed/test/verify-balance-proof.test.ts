import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { expect, it } from "vitest";
import { type BalanceProof, verifyBalanceProof } from "../src/index.ts";

// All other checks are tested with the service itself, in apps/managed/test/proofs/balance-roots.test.ts.

const merchantId = "anna";
const { privateKey, publicKey: pair } = generateKeyPairSync("ed25519");
const publicKey = pair.export({ format: "jwk" }).x as string;

const int64 = (value: number) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(BigInt(value));
  return bytes;
};

const sha256 = (...parts: Buffer[]) => createHash("sha256").update(Buffer.concat(parts)).digest();

const nonce = Buffer.alloc(32, 7);
const leaf = sha256(Buffer.of(0), nonce, int64(1_000), int64(5), Buffer.from(merchantId));

/** A proof of what is owed to one merchant, with whatever the service signs beside it. */
function proofWith(changes: object, path: BalanceProof["path"] = []): BalanceProof {
  const at = "2026-11-27T00:00:00.000Z";
  const statement = JSON.stringify({
    ...{ number: 1, at, network: "bitcoin", root: leaf.toString("hex"), totalMsat: 1_000, nodeMsat: null },
    ...changes,
  });
  return {
    statement,
    signature: sign(null, Buffer.from(statement), privateKey).toString("base64url"),
    keys: [{ publicKey, endorsement: null }],
    leaf: { merchantId, balanceMsat: 1_000, cursor: 5, nonce: nonce.toString("hex") },
    path,
  };
}

it("takes a proof that holds", async () => {
  const proven = await verifyBalanceProof(proofWith({}), { merchantId, publicKey });
  expect(proven).toMatchObject({ balanceMsat: 1_000, at: new Date("2026-11-27T00:00:00.000Z"), nodeMsat: null });
});

// With such a date, no comparison would ever show that a proof is old.
it.each([
  ["a date that is none", { at: "soon" }],
  ["no date", { at: undefined }],
  ["null for a date", { at: null }],
  ["a number that is none", { number: "1" }],
  ["no number", { number: undefined }],
  ["a fraction of a number", { number: 1.5 }],
  ["no network", { network: undefined }],
  ["a text for what the node has", { nodeMsat: "much" }],
])("refuses what the service signed with %s", async (_, changes) => {
  await expect(verifyBalanceProof(proofWith(changes), { merchantId, publicKey })).rejects.toMatchObject({
    code: "PROVIDER_BAD_RESPONSE",
  });
});

it("refuses a sum below zero, which would hide what is owed to others", async () => {
  // The rest of the tree stands for somebody who does not exist.
  const rest = Buffer.alloc(32, 9);
  const treeWith = (sumMsat: number) => {
    const root = sha256(Buffer.of(1), int64(1_000), leaf, int64(sumMsat), rest).toString("hex");
    return proofWith({ root, totalMsat: 1_000 + sumMsat }, [{ side: "right", hash: rest.toString("hex"), sumMsat }]);
  };
  const asked = { merchantId, publicKey };
  await expect(verifyBalanceProof(treeWith(900), asked)).resolves.toMatchObject({ balanceMsat: 1_000 });
  await expect(verifyBalanceProof(treeWith(-900), asked)).rejects.toThrow("One of its amounts is not a whole number");
});
