import { createHash, randomBytes } from "node:crypto";
import { createKeyRing, formatCredential, signedJsonFormat } from "@l402/core";

/** What somebody who need not pay sends as `Authorization`. */
export async function gift({ secret, resource, uses, amountMsat, validForSeconds }) {
  const preimage = randomBytes(32);
  const claims = {
    paymentHash: createHash("sha256").update(preimage).digest("hex"),
    tokenId: randomBytes(16).toString("base64url"),
    expiresAt: new Date((Math.floor(Date.now() / 1000) + validForSeconds) * 1000), // whole seconds
    ...{ resource, uses, amountMsat },
  };
  const token = await signedJsonFormat().mint(claims, createKeyRing(secret));
  return formatCredential(token, preimage.toString("hex"));
}
