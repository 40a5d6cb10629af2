import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { bytesFromBase64, bytesFromHex, checkWebhookSignature, hexFromBytes } from "../src/index.ts";

const signed = (message: string, secret: string | Uint8Array = "secret") =>
  new Uint8Array(createHmac("sha256", secret).update(message).digest());

const refusal = expect.objectContaining({
  code: "WEBHOOK_INVALID",
  message: "The signature of the webhook does not match its body and the secret.",
});

describe("checkWebhookSignature", () => {
  it("takes the right signature, of a text and of bytes as the key", async () => {
    await checkWebhookSignature("secret", "☕", signed("☕"));
    const key = Uint8Array.of(0, 255, 7);
    await checkWebhookSignature(key, "body", signed("body", key));
  });

  it.each([
    ["of another message", signed("other")],
    ["by another secret", signed("body", "other")],
    ["cut off", signed("body").slice(0, 31)],
    ["too long", Uint8Array.from([...signed("body"), 0])],
    ["empty", new Uint8Array()],
    ["missing", undefined],
  ])("refuses a signature %s", async (_, signature) => {
    await expect(checkWebhookSignature("secret", "body", signature)).rejects.toThrow(refusal);
  });

  it("refuses to work without a secret: an empty one signs everything for everybody", async () => {
    const signature = signed("body", "");
    await expect(checkWebhookSignature("", "body", signature)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    await expect(checkWebhookSignature("", "body", signature, "verifyBtcpayWebhook: secret")).rejects.toThrow(
      "verifyBtcpayWebhook: secret must be a text that is not empty.",
    );
  });
});

describe("the spellings of bytes", () => {
  it("are read strictly from hex", () => {
    expect(bytesFromHex("00fFa0")).toEqual(Uint8Array.of(0, 255, 160));
    for (const text of ["", "0", "0g", "0x00", " 00", "00 ", null, undefined])
      expect(bytesFromHex(text)).toBeUndefined();
    expect(hexFromBytes(Uint8Array.of(0, 255, 160))).toBe("00ffa0");
  });

  it("are read from both kinds of base64, padded or not", () => {
    for (const text of ["+/8=", "-_8=", "-_8"]) expect(bytesFromBase64(text)).toEqual(Uint8Array.of(251, 255));
    for (const text of ["", "*", "a", null, undefined]) expect(bytesFromBase64(text)).toBeUndefined();
  });
});
