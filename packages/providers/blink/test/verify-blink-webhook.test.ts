import { describe, expect, it } from "vitest";
import { verifyBlinkWebhook } from "../src/index.ts";
import { signedDelivery } from "./fake-blink.ts";

const secret = `whsec_${Buffer.from("a secret of thirty-two bytes ....").toString("base64")}`;
const at = new Date("2026-01-01T00:00:00Z");
const clock = () => at;
const paymentHash = "ab".repeat(32);
const payload = (eventType = "receive.lightning") => ({
  accountId: "a",
  eventType,
  walletId: "w",
  transaction: { initiationVia: { type: "lightning", paymentHash }, settlementAmount: 21, status: "success" },
});
const delivery = (changes = {}) => ({ ...signedDelivery(payload(), { secret, at }), clock, ...changes });
const invalid = (changes: object) =>
  expect(verifyBlinkWebhook(delivery(changes))).rejects.toMatchObject({ code: "WEBHOOK_INVALID" });

describe("verifyBlinkWebhook", () => {
  it.each(["receive.lightning", "receive.intraledger"])("answers the payment hash of %s", async (eventType) => {
    const signed = signedDelivery(payload(eventType), { secret, at });
    expect(await verifyBlinkWebhook({ ...signed, clock })).toEqual({ paymentHash });
  });

  it("verifies the example of Svix's documentation", async () => {
    const example = {
      id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
      timestamp: "1614265330",
      signature: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
      secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
      clock: () => new Date(1_614_265_330_000),
    };
    // Its body is about no payment, which is found out after the signature.
    await expect(verifyBlinkWebhook({ ...example, body: '{"test": 2432232314}' })).rejects.toThrow(
      /does not report a received Lightning payment/,
    );
    await expect(verifyBlinkWebhook({ ...example, body: '{"test": 2432232315}' })).rejects.toThrow(/signature/);
  });

  it("takes any of several signatures, as while a secret is changed", async () => {
    const { signature } = delivery();
    const several = `v1,${Buffer.alloc(32).toString("base64")} v2,what ${signature}`;
    expect(await verifyBlinkWebhook(delivery({ signature: several }))).toEqual({ paymentHash });
  });

  it("refuses another body, id, time or secret", async () => {
    await invalid({ body: JSON.stringify(payload()).replace("ab", "cd") });
    await invalid({ id: "msg_other" });
    await invalid({ timestamp: String(at.getTime() / 1000 + 1) });
    await invalid({ secret: `whsec_${Buffer.from("another").toString("base64")}` });
  });

  it.each([undefined, null, "", "v1,", "v1,!!!", "v2,AAAA", "AAAA"])("refuses the signature %j", (signature) =>
    invalid({ signature }),
  );

  it("refuses missing headers", async () => {
    await invalid({ id: undefined });
    await invalid({ timestamp: undefined });
    await invalid({ timestamp: "yesterday" });
  });

  it("refuses an old delivery, and one of the future; within the time it is a hint that can come again", async () => {
    for (const seconds of [-301, 301]) {
      await invalid({ clock: () => new Date(at.getTime() + seconds * 1000) });
    }
    expect(await verifyBlinkWebhook(delivery())).toEqual(await verifyBlinkWebhook(delivery()));
  });

  it.each([
    "not JSON",
    "null",
    "[]",
    "{}",
    { ...payload(), eventType: "send.lightning" },
    { ...payload(), transaction: {} },
  ])("refuses a signed body that is about nothing received: %j", async (body) => {
    await expect(verifyBlinkWebhook({ ...signedDelivery(body, { secret, at }), clock })).rejects.toMatchObject({
      code: "WEBHOOK_INVALID",
    });
  });

  it.each(["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", undefined])("refuses the secret %j", async (wrong) => {
    await expect(verifyBlinkWebhook(delivery({ secret: wrong }) as never)).rejects.toMatchObject({
      code: "CONFIG_INVALID",
    });
  });
});
