import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBech32 } from "../src/bech32.ts";
import { decodeInvoice, encodeInvoice, type InvoiceFields } from "../src/index.ts";
import { signInvoice, verifyInvoice } from "../src/signature.ts";
import { createUnsignedInvoice } from "../src/unsigned-invoice.ts";
import { wordsOfBytes } from "../src/write-words.ts";
import { INVALID } from "./bolt11-invalid-vectors.ts";
import { PAYEE, PRIVATE_KEY, VALID } from "./bolt11-vectors.ts";
import { invoiceFields } from "./invoice-fields.ts";
import { field, rawInvoice } from "./raw-invoice.ts";
import { refusalOf } from "./refusal.ts";

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const FIELDS: InvoiceFields = {
  network: "bitcoin",
  amountMsat: 10_000n,
  timestamp: new Date(1_790_000_000_000),
  paymentHash: "aa".repeat(32),
  paymentSecret: "bb".repeat(32),
  description: "tea",
};

/** The same signature with the other S, which belongs to the same key when the recovery id is flipped as well. */
const withHighS = (fields: InvoiceFields): string => {
  const { signature, recoveryId } = decodeInvoice(signInvoice(fields, PRIVATE_KEY));
  const s = ORDER - BigInt(`0x${signature.slice(64)}`);
  const high = signature.slice(0, 64) + s.toString(16).padStart(64, "0");
  return encodeInvoice(fields).withSignature({ signature: high, recoveryId: recoveryId ^ 1 });
};

describe("examples of the specification", () => {
  it.each(VALID)("are verified: $title", ({ bolt11, signer = PAYEE }) => {
    expect(verifyInvoice(bolt11)).toEqual({ payee: signer });
    expect(verifyInvoice(decodeInvoice(bolt11))).toEqual({ payee: signer });
  });

  it.each(INVALID)("are refused: $title", ({ bolt11, reason, isSignatureOnly = false }) => {
    if (isSignatureOnly) expect(decodeInvoice(bolt11)).toMatchObject({ network: "bitcoin" });
    expect(refusalOf(() => verifyInvoice(bolt11)).message).toContain(reason);
  });

  it("the one with high S is refused for nothing else", () => {
    const { bolt11 } = INVALID.find(({ reason }) => reason === "low-S") as (typeof INVALID)[number];
    const { payee, signature } = decodeInvoice(bolt11);
    const { prefix, words, length } = decodeBech32(bolt11);
    const { signedData } = createUnsignedInvoice(prefix, words.slice(0, length - 104));
    const isValid = (lowS: boolean) =>
      secp256k1.verify(fromHex(signature), signedData, fromHex(payee as string), { lowS });
    expect([isValid(false), isValid(true)]).toEqual([true, false]);
  });

  it.each(VALID.filter(({ signer }) => signer === undefined))("are signed byte for byte: $title", ({ bolt11 }) => {
    const { prefix, words, length } = decodeBech32(bolt11);
    const unsigned = createUnsignedInvoice(prefix, words.slice(0, length - 104));
    const hash = createHash("sha256").update(unsigned.signedData).digest();
    const [recoveryId, ...signature] = secp256k1.sign(hash, fromHex(PRIVATE_KEY), {
      prehash: false,
      format: "recovered",
    });
    const signed = unsigned.withSignature({
      signature: Buffer.from(signature).toString("hex"),
      recoveryId: recoveryId as number,
    });
    expect(signed).toBe(bolt11.toLowerCase());
  });

  it.each(VALID.filter(({ isInOurOrder, signer }) => isInOurOrder && signer === undefined))(
    "are written by signInvoice: $title",
    ({ bolt11, decoded }) => {
      expect(signInvoice(decoded, PRIVATE_KEY)).toBe(bolt11);
    },
  );

  it("signs the bytes that the specification prints", () => {
    const { decoded } = VALID[1] as (typeof VALID)[number];
    expect(Buffer.from(encodeInvoice(decoded).signedData).toString("hex")).toBe(
      "6c6e626332353030750b25fe64500d04444444444444444444444444444444444444444444444444444444444444444021a000081018202830384048000810182028303840480008101820283038404808103414312063757020636f66666565030041e140382000",
    );
  });
});

describe("signInvoice", () => {
  it("writes what decodes to the same fields, and verifies", () => {
    const key = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .filter((bytes) => secp256k1.utils.isValidSecretKey(bytes));
    fc.assert(
      fc.property(invoiceFields, key, fc.boolean(), (fields, privateKey, isNamed) => {
        const signer = Buffer.from(secp256k1.getPublicKey(privateKey)).toString("hex");
        const payee = isNamed ? signer : undefined;
        const bolt11 = signInvoice({ ...fields, payee }, privateKey);
        const { signature, recoveryId, ...decoded } = decodeInvoice(bolt11);
        expect(decoded).toStrictEqual({ ...fields, payee, bolt11 });
        expect(verifyInvoice(bolt11)).toEqual({ payee: signer });
        expect(
          encodeInvoice(fields.payee === payee ? fields : { ...fields, payee }).withSignature({
            signature,
            recoveryId,
          }),
        ).toBe(bolt11);
      }),
      { numRuns: 150 },
    );
  });

  it("takes the key as bytes or hex", () => {
    expect(signInvoice(FIELDS, fromHex(PRIVATE_KEY))).toBe(signInvoice(FIELDS, PRIVATE_KEY));
    expect(signInvoice(FIELDS, PRIVATE_KEY.toUpperCase())).toBe(signInvoice(FIELDS, PRIVATE_KEY));
  });

  it.each([
    "",
    "ab",
    "00".repeat(32),
    ORDER.toString(16),
    "ff".repeat(32),
    new Uint8Array(32),
    new Uint8Array(31).fill(1),
    undefined as never,
    5 as never,
  ])("refuses the key %s, without repeating it", (key) => {
    const { message } = refusalOf(() => signInvoice(FIELDS, key));
    expect(message).toMatch(/^privateKey (must be 64 hex digits|is not a private key of secp256k1)\.$/);
  });

  it("refuses a payee that is not the signer, and fields that cannot be encoded", () => {
    const payee = `02${"11".repeat(32)}`;
    expect(refusalOf(() => signInvoice({ ...FIELDS, payee }, PRIVATE_KEY)).message).toContain("payee");
    expect(signInvoice({ ...FIELDS, payee: PAYEE.toUpperCase() }, PRIVATE_KEY)).toBe(
      signInvoice({ ...FIELDS, payee: PAYEE }, PRIVATE_KEY),
    );
    expect(refusalOf(() => signInvoice({ ...FIELDS, amountMsat: 0n }, PRIVATE_KEY)).message).toContain("amountMsat");
  });
});

describe("verifyInvoice", () => {
  it("recovers the payee from a high S", () => {
    expect(verifyInvoice(withHighS(FIELDS))).toEqual({ payee: PAYEE });
  });

  it("refuses a high S where the payee is named", () => {
    const fields = { ...FIELDS, payee: PAYEE };
    expect(verifyInvoice(signInvoice(fields, PRIVATE_KEY))).toEqual({ payee: PAYEE });
    expect(refusalOf(() => verifyInvoice(withHighS(fields))).message).toContain("low-S");
  });

  it("refuses a named payee that did not sign", () => {
    const other = secp256k1.getPublicKey(new Uint8Array(32).fill(7));
    const unsigned = encodeInvoice({ ...FIELDS, payee: Buffer.from(other).toString("hex") });
    const [recoveryId, ...signature] = secp256k1.sign(unsigned.signedData, fromHex(PRIVATE_KEY), {
      format: "recovered",
    });
    const bolt11 = unsigned.withSignature({
      signature: Buffer.from(signature).toString("hex"),
      recoveryId: recoveryId as number,
    });
    expect(refusalOf(() => verifyInvoice(bolt11)).message).toContain("not its payee's");
  });

  it("refuses a named payee that is not on the curve", () => {
    const payee = wordsOfBytes([2, ...new Array<number>(31).fill(0), 5]);
    expect(secp256k1.utils.isValidPublicKey(fromHex(`02${"00".repeat(31)}05`))).toBe(false);
    expect(refusalOf(() => verifyInvoice(rawInvoice({ fields: [field("n", payee)] }))).message).toContain("payee");
  });

  it("refuses signatures out of range", () => {
    const order = ORDER.toString(16);
    const one = "1".padStart(64, "0");
    const zero = "0".repeat(64);
    for (const signature of [zero + zero, one + zero, zero + one, order + one, one + order, "f".repeat(128)]) {
      for (const recoveryId of [0, 1, 2, 3]) {
        const bolt11 = encodeInvoice(FIELDS).withSignature({ signature, recoveryId });
        expect(refusalOf(() => verifyInvoice(bolt11)).message).toContain("signature");
      }
    }
  });

  it("a changed field leads to another payee or to none", () => {
    const { signature, recoveryId } = decodeInvoice(signInvoice(FIELDS, PRIVATE_KEY));
    const forged = encodeInvoice({ ...FIELDS, amountMsat: 1n }).withSignature({ signature, recoveryId });
    expect(verifyInvoice(forged).payee).not.toBe(PAYEE);
  });

  it("verifies the text, whatever else a decoded invoice claims", () => {
    const decoded = decodeInvoice(signInvoice(FIELDS, PRIVATE_KEY));
    const changed = { ...decoded, payee: `02${"11".repeat(32)}`, signature: "00".repeat(64), amountMsat: 5n };
    expect(verifyInvoice(changed)).toEqual({ payee: PAYEE });
    const other = signInvoice(FIELDS, "01".repeat(32));
    expect(verifyInvoice({ ...decoded, bolt11: other }).payee).not.toBe(PAYEE);
  });

  it("refuses what is no invoice", () => {
    for (const value of ["", undefined, null, 5, {}, { bolt11: 5 }, []]) {
      expect(refusalOf(() => verifyInvoice(value as never)).message).toMatch(/not a (string|BOLT11)/);
    }
  });
});

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, "hex"));
}
