// What a token costs that is handed out with a 402, next to the same token made the usual way in Node.
import { createHmac, randomBytes } from "node:crypto";
import { createKeyRing, signedJsonFormat } from "@l402/core";
import { randomId } from "../../packages/core/src/quick/random-id.ts";
import { measure, mustHold, ratio, spreads } from "../rounds.mjs";
import { SECRET } from "../shop.mjs";

export async function measureMint(bought) {
  const keys = createKeyRing(SECRET);
  const format = signedJsonFormat();
  const expiresAt = new Date(Math.ceil(Date.now() / 1000 + 3600) * 1000);
  const [resource, amountMsat, uses] = ["GET /goods", 10_000, 1];

  const mint = (i) => {
    const { paymentHash } = bought[i % bought.length];
    return format.mint({ paymentHash, resource, amountMsat, uses, expiresAt, tokenId: randomId() }, keys);
  };
  const usual = (i) => {
    const { paymentHash: hash } = bought[i % bought.length];
    const id = randomBytes(16).toString("base64url");
    const exp = Math.floor(expiresAt / 1000);
    const json = { v: 1, kid: "k1", id, hash, exp, res: resource, msat: amountMsat, uses };
    const head = JSON.stringify(json).slice(0, -1);
    const sig = createHmac("sha256", SECRET).update(head).digest("base64url");
    return Buffer.from(`${head},"sig":"${sig}"}`).toString("base64url");
  };
  for (const make of [mint, usual]) {
    mustHold(format.authenticate(make(3), keys)?.claims.paymentHash === bought[3].paymentHash, "a token is refused");
    const [one, other] = [make(3), make(3)];
    mustHold(one !== other, "two tokens are the same");
  }
  const nanos = await measure({ mint, "mint, the usual way": usual });
  return {
    values: { "mint/usual": ratio(nanos["mint, the usual way"], nanos.mint) },
    nanos: spreads(nanos),
  };
}
