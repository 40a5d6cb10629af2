// What it costs to verify a credential, next to its three digests alone and to what others have.
import { hash, randomBytes } from "node:crypto";
import { createKeyRing, isPreimageOf, parseAuthorization, signedJsonFormat } from "@l402/core";
import { forge } from "../forge.mjs";
import { measure, mustHold, ratio, refuses, spreads } from "../rounds.mjs";
import { AMOUNT_MSAT, requestOf, SECRET } from "../shop.mjs";
import { peers } from "./credential-peers.mjs";

/** The least that anybody can do: the same bytes hashed as often, and nothing read. */
function createDigests(tokens) {
  const inputs = tokens.map(({ token, preimage }) => {
    const bytes = Buffer.from(token, "base64url");
    return { padded: Buffer.concat([randomBytes(64), bytes.subarray(0, -53)]), preimage: Buffer.from(preimage, "hex") };
  });
  const outer = randomBytes(96);
  return (i) => {
    const { padded, preimage } = inputs[i % inputs.length];
    const inner = hash("sha256", padded, "latin1");
    const tag = hash("sha256", outer, "latin1");
    return inner !== tag && hash("sha256", preimage, "latin1") !== tag;
  };
}

/** All that proves a credential: what the engine does before it counts the use. */
function createVerifier() {
  const keys = createKeyRing(SECRET);
  const format = signedJsonFormat();
  return (header) => {
    const { tokens, preimage } = parseAuthorization(header);
    const token = format.authenticate(tokens[0], keys);
    if (!token) return false;
    const { claims, caveats } = token;
    return (
      isPreimageOf(preimage, claims.paymentHash) &&
      claims.expiresAt.getTime() > Date.now() &&
      claims.resource === "GET /goods" &&
      claims.amountMsat >= AMOUNT_MSAT &&
      caveats.length === 0
    );
  };
}

/** `gate` is that of the shop where the credentials were bought. */
export async function measureCredential(gate, bought) {
  const headers = bought.map(({ header }) => header);
  const forged = headers.map(forge);
  const verify = createVerifier();
  const isGranted = async (header) => (await gate(requestOf(header))).outcome === "granted";
  const others = await peers(bought);

  for (const [name, check, valid, invalid] of [
    ["verify", verify, headers, forged],
    ["engine", isGranted, headers, forged],
    ...others.map(({ name, verify, valid, forged }) => [name, verify, valid, forged]),
  ]) {
    mustHold((await check(valid[0])) === true && (await check(valid[7])) === true, `${name} refuses what is valid`);
    mustHold(await refuses(() => check(invalid[0])), `${name} accepts what is forged`);
  }
  const wrongPreimage = `${headers[0].slice(0, -64)}${bought[1].preimage}`;
  mustHold(!verify(wrongPreimage) && !(await isGranted(wrongPreimage)), "the preimage of another payment is accepted");

  const cases = {
    digests: createDigests(bought),
    verify: (i) => verify(headers[i % headers.length]),
    forged: (i) => verify(forged[i % headers.length]),
    engine: (i) => isGranted(headers[i % headers.length]),
    "engine, forged": (i) => isGranted(forged[i % headers.length]),
  };
  for (const { name, verify, valid } of others) cases[name] = (i) => verify(valid[i % valid.length]);
  const nanos = await measure(cases);
  return {
    values: {
      "verify/digests": ratio(nanos.digests, nanos.verify),
      "forged/verify": ratio(nanos.verify, nanos.forged),
      ...Object.fromEntries(others.map(({ name }) => [`verify/${name}`, ratio(nanos[name], nanos.verify)])),
    },
    nanos: spreads(nanos),
  };
}
