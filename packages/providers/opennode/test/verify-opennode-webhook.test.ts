import { describe, expect, it } from "vitest";
import { verifyOpennodeWebhook } from "../src/index.ts";
import { apiKey, signedForm } from "./fake-opennode.ts";

const id = "ba57e419-a6c9-41b2-a54c-b870d073d899";
const invalid = (body: string, key = apiKey) =>
  expect(verifyOpennodeWebhook({ body, apiKey: key })).rejects.toMatchObject({ code: "WEBHOOK_INVALID" });

describe("verifyOpennodeWebhook", () => {
  it("answers what to look the invoice up by", async () => {
    expect(await verifyOpennodeWebhook({ body: signedForm(id), apiKey })).toEqual({ providerRef: id });
  });

  it("answers nothing of what is not signed, and the same delivery again: it is a hint", async () => {
    const body = signedForm(id, { status: "unpaid", price: "1" });
    expect(await verifyOpennodeWebhook({ body, apiKey })).toEqual({ providerRef: id });
    expect(await verifyOpennodeWebhook({ body, apiKey })).toEqual({ providerRef: id });
  });

  it("refuses the signature of another charge, of another key, and none", async () => {
    const signature = new URLSearchParams(signedForm("another")).get("hashed_order") as string;
    await invalid(signedForm(id, { hashed_order: signature }));
    await invalid(signedForm(id), "another-key");
    for (const hashed_order of ["", "00", "not hex", "g".repeat(64)]) await invalid(signedForm(id, { hashed_order }));
  });

  it.each(["", "{}", "id=", `id=${id}`, `${signedForm(id)}&id=another`, `id=another&${signedForm(id)}`])(
    "refuses what is not the form of one charge: %s",
    (body) => invalid(body),
  );

  it("refuses to check with an empty key", async () => {
    const checked = verifyOpennodeWebhook({ body: signedForm(id), apiKey: "" });
    await expect(checked).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  });
});
