import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifyBtcpayWebhook } from "../src/index.ts";
import { event } from "./webhook-event.ts";

const secret = "3VbX8nQd1zJmYpKcT5wRgLhUa2Ms";
const body = JSON.stringify(event);
const sign = (text: string, key = secret) => `sha256=${createHmac("sha256", key).update(text).digest("hex")}`;
const refused = expect.objectContaining({ code: "WEBHOOK_INVALID" });

describe("verifyBtcpayWebhook", () => {
  it("answers nothing but the invoice to look up", async () => {
    expect(await verifyBtcpayWebhook({ body, signature: sign(body), secret })).toEqual({ invoiceId: event.invoiceId });
  });

  it.each([
    ["a missing signature", body, undefined],
    ["an empty signature", body, ""],
    ["half a signature", body, sign(body).slice(0, 40)],
    ["a signature without its algorithm", body, sign(body).slice(7)],
    ["a signature by another secret", body, sign(body, "another secret")],
    ["a changed body", body.replace("PZ8", "PZ9"), sign(body)],
    ["a space more", `${body} `, sign(body)],
  ])("refuses %s", async (_, text, signature) => {
    await expect(verifyBtcpayWebhook({ body: text, signature, secret })).rejects.toEqual(refused);
  });

  it.each(["not JSON", "null", "[]", '{"type":"PayoutCreated"}', '{"invoiceId":7}'])(
    "refuses %s, though signed",
    async (text) => {
      await expect(verifyBtcpayWebhook({ body: text, signature: sign(text), secret })).rejects.toEqual(refused);
    },
  );

  it("refuses to work without a secret", async () => {
    const signature = sign(body, "");
    await expect(verifyBtcpayWebhook({ body, signature, secret: "" })).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
  });

  it("cannot tell a delivery that is sent again: the signature has no time in it", async () => {
    const delivery = { body, signature: sign(body), secret };
    expect(await verifyBtcpayWebhook(delivery)).toEqual(await verifyBtcpayWebhook(delivery));
  });
});
