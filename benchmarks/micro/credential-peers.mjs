// Credentials of others: a signed text that names a payment hash, and the preimage beside it. All check the signature, the
// expiry where there is one, and the preimage.
import { hash } from "node:crypto";
import { createSigner, createVerifier } from "fast-jwt";
import { jwtVerify, SignJWT } from "jose";
import macaroons from "macaroon";
import { Challenge, Credential } from "mppx";
import { SECRET } from "../shop.mjs";

const isPreimage = (preimage, paymentHash) => hash("sha256", Buffer.from(preimage, "hex"), "hex") === paymentHash;
const change = (text, at) => text.slice(0, at) + (text.at(at) === "A" ? "B" : "A") + text.slice(at + 1);

export async function peers(bought) {
  const claims = bought.map(({ paymentHash }) => ({
    hash: paymentHash,
    res: "GET /goods",
    msat: 10_000,
    exp: Math.floor(Date.now() / 1000) + 3600,
  }));
  const paired = (tokens) => tokens.map((token, i) => ({ token, preimage: bought[i].preimage }));
  const forgeAll = (list) => list.map(({ token, preimage }) => ({ token: change(token, token.length - 10), preimage }));

  const sign = createSigner({ key: SECRET, algorithm: "HS256" });
  const jwts = paired(claims.map((payload) => sign(payload)));
  const fast = createVerifier({ key: SECRET, algorithms: ["HS256"], cache: false });
  const josed = new TextEncoder().encode(SECRET);
  const cryptoKey = await crypto.subtle.importKey("raw", josed, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const signed = await Promise.all(
    claims.map((payload) => new SignJWT(payload).setProtectedHeader({ alg: "HS256" }).sign(josed)),
  );
  const mpp = claims.map(({ hash: paymentHash, msat }, i) => {
    const challenge = Challenge.from({
      secretKey: SECRET,
      realm: "shop.example",
      method: "lightning",
      intent: "charge",
      expires: new Date(Date.now() + 3_600_000).toISOString(),
      request: { amount: String(msat / 1000), currency: "sat", methodDetails: { paymentHash } },
    });
    return Credential.serialize(Credential.from({ challenge, payload: { preimage: bought[i].preimage } }));
  });
  const bytes = Buffer.from(SECRET);
  const baked = paired(
    bought.map(({ paymentHash }) => {
      const made = macaroons.newMacaroon({ identifier: paymentHash, rootKey: bytes, version: 2 });
      for (const caveat of ["res=GET /goods", `exp=${claims[0].exp}`]) made.addFirstPartyCaveat(caveat);
      return JSON.stringify(made.exportJSON());
    }),
  );
  const checkCaveat = (caveat) => {
    if (caveat === "res=GET /goods") return null;
    return Number(caveat.slice(4)) > Date.now() / 1000 ? null : new Error("expired");
  };

  return [
    {
      name: "fast-jwt",
      valid: jwts,
      forged: forgeAll(jwts),
      verify: ({ token, preimage }) => isPreimage(preimage, fast(token).hash),
    },
    {
      name: "jose",
      valid: paired(signed),
      forged: forgeAll(paired(signed)),
      verify: async ({ token, preimage }) => isPreimage(preimage, (await jwtVerify(token, cryptoKey)).payload.hash),
    },
    {
      name: "mppx",
      valid: mpp,
      forged: mpp.map((text) => `Payment ${forgeMpp(text)}`),
      verify(text) {
        const { challenge, payload } = Credential.deserialize(text);
        return (
          Challenge.verify(challenge, { secretKey: SECRET }) &&
          isPreimage(payload.preimage, challenge.request.methodDetails.paymentHash)
        );
      },
    },
    {
      name: "macaroon",
      ...macaroonCases(baked),
      verify({ token, preimage }) {
        const made = macaroons.importMacaroon(token);
        made.verify(bytes, checkCaveat, []);
        return isPreimage(preimage, Buffer.from(made.identifier).toString());
      },
    },
  ];
}

function forgeMpp(text) {
  const json = JSON.parse(Buffer.from(text.replace(/^Payment /, ""), "base64url").toString());
  json.challenge.realm = "other.example";
  return Buffer.from(JSON.stringify(json)).toString("base64url");
}

/** Binary, as it goes over the wire, in base64. The package imports what it exports as JSON, so that is turned around. */
function macaroonCases(baked) {
  const valid = baked.map(({ token, preimage }) => ({
    token: Buffer.from(macaroons.importMacaroon(JSON.parse(token)).exportBinary()),
    preimage,
  }));
  const forged = valid.map(({ token, preimage }) => {
    const bytes = Buffer.from(token);
    bytes[bytes.length - 3] ^= 1;
    return { token: bytes, preimage };
  });
  return { valid, forged };
}
