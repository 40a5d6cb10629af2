// The same route, sold by code that is written for it and for nothing else: one price, one secret, tokens that hold what
// ours hold. It trusts that what is signed is well formed, and that the header is. It shows what nobody can leave out.
import { hash, randomBytes } from "node:crypto";
import { summarizeInvoice } from "@l402/bolt11";
import { AMOUNT_MSAT, SECRET } from "../shop.mjs";

const BLOCK = 64;
const SIGNATURE = ',"sig":"';
const SIGNATURE_LENGTH = SIGNATURE.length + 43 + 2;
const inner = Buffer.alloc(BLOCK + 4096, 0x36);
const outer = Buffer.alloc(BLOCK + 32, 0x5c);
for (const [i, byte] of Buffer.from(SECRET).entries()) {
  inner[i] ^= byte;
  outer[i] ^= byte;
}
const preimage = Buffer.alloc(32);

/** HMAC-SHA256 of the text that is in `inner`, up to `end`. */
function sign(end) {
  outer.latin1Write(hash("sha256", inner.subarray(0, end), "latin1"), BLOCK);
  return hash("sha256", outer, "base64url");
}

/** What the header pays for; `undefined` if for nothing. */
function claimsOf(header) {
  if (!header?.startsWith("L402 ")) return undefined;
  const colon = header.indexOf(":");
  const end = BLOCK + inner.base64urlWrite(header.slice(5, colon), BLOCK) - SIGNATURE_LENGTH;
  if (inner.latin1Slice(end + SIGNATURE.length, end + SIGNATURE.length + 43) !== sign(end)) return undefined;
  const claims = JSON.parse(`${inner.latin1Slice(BLOCK, end)}}`);
  preimage.hexWrite(header.slice(colon + 1));
  const isPaid = hash("sha256", preimage, "hex") === claims.hash;
  const isGood = claims.exp * 1000 > Date.now() && claims.res === "GET /goods" && claims.msat >= AMOUNT_MSAT;
  return isPaid && isGood ? claims : undefined;
}

/** True if the request is paid, and its use is counted. */
function takesUse(useStore, header) {
  const claims = claimsOf(header);
  if (!claims) return false;
  const expiresAt = new Date(claims.exp * 1000 + 600_000);
  return useStore.consume({ key: claims.hash, limit: claims.uses, expiresAt }) !== false;
}

let ids = Buffer.alloc(0);
let used = 0;

/** The challenge for an invoice, in the shortest form. */
async function offer(provider) {
  const { bolt11, paymentHash } = await provider.createInvoice();
  const invoice = summarizeInvoice(bolt11);
  if (invoice.paymentHash !== paymentHash || invoice.amountMsat !== BigInt(AMOUNT_MSAT))
    throw new Error("wrong invoice");
  if (used === ids.length) [ids, used] = [randomBytes(4096), 0];
  used += 16;
  const exp = Math.ceil(invoice.expiresAt / 1000) + 3600;
  const head = `{"v":1,"kid":"k1","id":"${ids.base64urlSlice(used - 16, used)}","hash":"${paymentHash}","exp":${exp},"res":"GET /goods","msat":${AMOUNT_MSAT},"uses":1`;
  const end = BLOCK + inner.latin1Write(head, BLOCK);
  const length = inner.latin1Write(`${SIGNATURE}${sign(end)}"}`, end);
  return `L402 macaroon="${inner.base64urlSlice(BLOCK, end + length)}", invoice="${bolt11}"`;
}

export const byHandOnFastify =
  ({ provider }, useStore) =>
  async (request, reply) => {
    if (!takesUse(useStore, request.headers.authorization)) {
      return reply
        .code(request.headers.authorization ? 401 : 402)
        .header("WWW-Authenticate", await offer(provider))
        .send(`{"msat":${AMOUNT_MSAT}}`);
    }
    reply.header("Cache-Control", "private").header("Vary", "Authorization");
  };

export const byHandOnHono =
  ({ provider }, useStore) =>
  async (c, next) => {
    const header = c.req.header("authorization");
    if (!takesUse(useStore, header)) {
      c.header("WWW-Authenticate", await offer(provider));
      return c.body(`{"msat":${AMOUNT_MSAT}}`, header ? 401 : 402);
    }
    await next();
    c.res.headers.set("Cache-Control", "private");
    c.res.headers.set("Vary", "Authorization");
  };
