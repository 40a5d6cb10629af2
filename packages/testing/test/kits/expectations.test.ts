import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { L402Error, type LightningWallet } from "@l402/core";
import { describe, expect, it } from "vitest";
import { fakeLightning } from "../../src/index.ts";
import { answerOf, errorOf, expectL402Error, expectNoSecrets, expectPreimage } from "../../src/kits/expectations.ts";
import { walletCases } from "../../src/kits/wallet.ts";

const failureOf = async (call: () => unknown): Promise<string> => {
  try {
    await call();
  } catch (error) {
    return inspect(error, { depth: 9, showHidden: true });
  }
  throw new Error("It did not fail.");
};

describe("a failing kit", () => {
  it("shows no preimage, whatever is wrong with it", async () => {
    const lightning = fakeLightning();
    const preimages = new Set<string>();
    const wrong: LightningWallet = {
      name: "wrong",
      async payInvoice(input) {
        const result = await lightning.wallet.payInvoice(input);
        if (result.status !== "paid") return result;
        preimages.add(result.preimage);
        const preimage = randomBytes(32).toString("hex");
        preimages.add(preimage);
        return { ...result, preimage };
      },
      lookupPayment: lightning.wallet.lookupPayment,
    };
    const subject = {
      name: "wrong",
      create: () => wrong,
      async invoice({ amountMsat }: { amountMsat: number }) {
        return (await lightning.provider.createInvoice({ amountMsat, description: "", expiresInSeconds: 60 })).bolt11;
      },
    };
    let failures = "";
    for (const { run } of walletCases) failures += inspect(await run(subject).catch((error) => error), { depth: 9 });
    expect(preimages.size).toBeGreaterThan(1);
    expect(failures).toContain("must hash to the payment hash");
    for (const preimage of preimages) expect(failures.includes(preimage)).toBe(false);
  });

  it("shows no secret that it looked for", async () => {
    const leak = new L402Error("PROVIDER_REJECTED", "The key s3cret-0123456789 was refused.");
    const failure = await failureOf(() => expectNoSecrets(leak, ["s3cret-0123456789"]));
    expect(failure).toContain("A secret shows");
    expect(failure).not.toContain("s3cret");
  });
});

describe("what kits look for", () => {
  it("is the one true preimage, in lower case", async () => {
    const preimage = "ab".repeat(32);
    const paymentHash = "df40e5e2e43dcdb8be2b92e2e92d0e2e8a2b0ec6b6a1a5d3c2b7f5e9a8f8c3d1";
    expect(await failureOf(() => expectPreimage(preimage, paymentHash))).toContain("hash to the payment hash");
    expect(await failureOf(() => expectPreimage(preimage.toUpperCase(), paymentHash))).toContain("lower-case hex");
    expect(await failureOf(() => expectPreimage(null, paymentHash))).toContain("lower-case hex");
  });

  it("is a secret in any depth of an error, in either case", async () => {
    const secret = "00ff".repeat(8);
    const cause = { response: { headers: [{ authorization: secret.toUpperCase() }] } };
    await failureOf(() => expectNoSecrets(new L402Error("INTERNAL", "Oh.", { cause }), [secret]));
    expectNoSecrets(new L402Error("INTERNAL", "Oh."), [secret, ""]);
  });

  it("is an answer in time", async () => {
    expect(await answerOf(() => 402)).toBe(402);
    expect(await failureOf(() => answerOf(() => new Promise(() => {}), 0.01))).toContain("No answer within 0.01 s");
    expect(await failureOf(() => errorOf(() => new Promise(() => {}), "", 0.01))).toContain("No answer within 0.01 s");
  });

  it("is an error of this SDK", async () => {
    expect(await failureOf(() => expectL402Error(new TypeError("no"), /./))).toContain("not with TypeError");
    const error = new L402Error("INTERNAL", "Oh.");
    expect(await failureOf(() => expectL402Error(error, /^PROVIDER_/))).toContain("INTERNAL");
    expect(expectL402Error(error, /^INTERNAL$/)).toBe(error);
  });
});
