import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifyPhoenixdWebhook } from "../src/index.ts";

const secret = "5c1d7e0a93b24f68a1c2e3d4f5061728";
const paymentHash = "ab".repeat(32);
// phoenixd prints it prettily; the signature is over exactly these bytes.
const body = JSON.stringify(
  { type: "payment_received", timestamp: 1_790_000_000_000, amountSat: 21, paymentHash },
  null,
  4,
);
const sign = (text: string, key = secret) => createHmac("sha256", key).update(text).digest("hex");
const refused = expect.objectContaining({ code: "WEBHOOK_INVALID" });

describe("verifyPhoenixdWebhook", () => {
  it("answers nothing but the payment hash to look up", async () => {
    expect(await verifyPhoenixdWebhook({ body, signature: sign(body), secret })).toEqual({ paymentHash });
  });

  it.each([
    ["a missing signature", body, undefined],
    ["an empty signature", body, ""],
    ["half a signature", body, sign(body).slice(0, 32)],
    ["a signature that is no hex", body, "z".repeat(64)],
    ["a signature by another secret", body, sign(body, "another secret")],
    ["a changed body", body.replace("21", "22"), sign(body)],
    ["a body that was parsed and written again", JSON.stringify(JSON.parse(body)), sign(body)],
  ])("refuses %s", async (_, text, signature) => {
    await expect(verifyPhoenixdWebhook({ body: text, signature, secret })).rejects.toEqual(refused);
  });

  it.each([
    "not JSON",
    "null",
    "[]",
    '{"type":"payment_received"}',
    '{"type":"payment_received","paymentHash":"../payments"}',
    JSON.stringify({ type: "payment_sent", paymentHash }),
  ])("refuses %s, though signed", async (text) => {
    await expect(verifyPhoenixdWebhook({ body: text, signature: sign(text), secret })).rejects.toEqual(refused);
  });

  it("refuses to work without a secret", async () => {
    for (const nothing of ["", undefined as unknown as string]) {
      const verdict = verifyPhoenixdWebhook({ body, signature: sign(body, ""), secret: nothing });
      await expect(verdict).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    }
  });

  it("cannot tell a delivery that is sent again: the signature has no time in it", async () => {
    const delivery = { body, signature: sign(body), secret };
    expect(await verifyPhoenixdWebhook(delivery)).toEqual(await verifyPhoenixdWebhook(delivery));
  });
});
