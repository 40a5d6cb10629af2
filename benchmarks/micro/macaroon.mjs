// Binary macaroons, next to the npm package: the same bytes, verified by both.
import { createKeyRing, isPreimageOf, macaroonFormat } from "@l402/core";
import macaroons from "macaroon";
import { equalBytes } from "../../packages/core/src/bytes.ts";
import { signatureChain } from "../../packages/core/src/token/macaroon/macaroon-chain.ts";
import { macaroonFromText, macaroonToText } from "../../packages/core/src/token/macaroon/macaroon-codec.ts";
import { encodeMacaroonIdentifier } from "../../packages/core/src/token/macaroon/macaroon-identifier.ts";
import { measure, mustHold, ratio, refuses, spreads } from "../rounds.mjs";
import { SECRET } from "../shop.mjs";

const ROOT_KEY = new TextEncoder().encode(SECRET).subarray(0, 32);

/** `bought` has a payment hash and its preimage. Measures two caveats, and a token as this library sells it. */
export async function measureMacaroon(bought) {
  const short = bought.map(bake);
  const forged = short.map(({ text, preimage }) => ({ text: change(text), preimage }));
  const ours = ({ text, preimage }) => {
    const { identifier, caveats, signature } = macaroonFromText(text);
    const chain = signatureChain(ROOT_KEY, identifier, caveats);
    return equalBytes(chain.at(-1), signature) && isPreimageOf(preimage, hashIn(identifier));
  };
  const theirs = ({ text, preimage }) => {
    const macaroon = macaroons.importMacaroon(new Uint8Array(Buffer.from(text, "base64")));
    macaroon.verify(ROOT_KEY, () => null, []);
    return isPreimageOf(preimage, hashIn(macaroon.identifier));
  };
  for (const verify of [ours, theirs]) {
    mustHold(verify(short[0]) && verify(short[9]), "a macaroon is refused");
    mustHold(await refuses(() => verify(forged[0])), "a forged macaroon is accepted");
  }
  const full = createFull(bought);
  mustHold(full.verify(full.tokens[0]) && (await refuses(() => full.verify(change(full.tokens[0])))), "a full token");

  const nanos = await measure({
    "macaroon, 2 caveats": (i) => ours(short[i % short.length]),
    "npm macaroon, 2 caveats": (i) => theirs(short[i % short.length]),
    "macaroonFormat(), 8 caveats": (i) => full.verify(full.tokens[i % short.length]),
  });
  return {
    values: { "macaroon/npm": ratio(nanos["npm macaroon, 2 caveats"], nanos["macaroon, 2 caveats"]) },
    nanos: spreads(nanos),
  };
}

function bake({ paymentHash, preimage }) {
  const identifier = encodeMacaroonIdentifier({ paymentHash, tokenId: crypto.getRandomValues(new Uint8Array(32)) });
  const caveats = ["services=weather:0", "weather_valid_until=1900000000"];
  const signature = signatureChain(ROOT_KEY, identifier, caveats).at(-1);
  return { text: macaroonToText({ location: "lsat", identifier, caveats, signature }), preimage };
}

function createFull(bought) {
  const keys = createKeyRing(SECRET);
  const format = macaroonFormat();
  const expiresAt = new Date(Math.ceil(Date.now() / 1000 + 3600) * 1000);
  const claims = { resource: "GET /goods", amountMsat: 10_000, uses: 1, expiresAt, tokenId: "AAAAAAAAAAAAAAAAAAAAAA" };
  const tokens = bought.map(({ paymentHash }) => format.mint({ ...claims, paymentHash }, keys));
  return { tokens, verify: (token) => format.authenticate(token, keys)?.claims.uses === 1 };
}

const hashIn = (identifier) => Buffer.from(identifier.subarray(2, 34)).toString("hex");
/** Another character in the signature. */
const change = (text) => `${text.slice(0, -12)}${text.at(-12) === "A" ? "B" : "A"}${text.slice(-11)}`;
