// A seller whose Lightning backend answers at once, and credentials that were bought there the usual way: 402, pay, retry.
import { createHash, randomBytes } from "node:crypto";
import { signInvoice } from "@l402/bolt11/signature";
import { createMemoryUseStore, createPaywall, parseChallenges } from "@l402/core";

export const SECRET = "a secret of the benchmarks, longer than 32 bytes";
export const AMOUNT_MSAT = 10_000;
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** Signs `count` invoices beforehand and hands them out in turn. */
export function createInstantProvider(count) {
  const preimages = new Map();
  const timestamp = new Date(Math.floor(Date.now() / 1000) * 1000);
  const expiresAt = new Date(timestamp.getTime() + 86_400_000);
  const privateKey = "11".repeat(32);
  const invoices = Array.from({ length: count }, () => {
    const preimage = randomBytes(32);
    const paymentHash = sha256(preimage);
    preimages.set(paymentHash, preimage.toString("hex"));
    const fields = { network: "regtest", amountMsat: BigInt(AMOUNT_MSAT), description: "goods", paymentHash };
    const paymentSecret = randomBytes(32).toString("hex");
    const bolt11 = signInvoice({ ...fields, paymentSecret, timestamp, expiresAt, featureBits: [8, 14] }, privateKey);
    return { bolt11, paymentHash, amountMsat: AMOUNT_MSAT, expiresAt };
  });
  let next = 0;
  return {
    name: "instant",
    preimageProvesPayment: true,
    createInvoice: async () => ({ ...invoices[next++ % count] }),
    lookupInvoice: async () => ({ status: "open" }),
    preimageOf: (paymentHash) => preimages.get(paymentHash),
    invoices,
  };
}

export function openShop({ provider = createInstantProvider(256), useStore = createMemoryUseStore() } = {}) {
  const settings = { network: "regtest", secret: SECRET, challengeLimiter: false, invoiceExpiresInSeconds: 600 };
  return { provider, paywall: createPaywall({ ...settings, provider, useStore }) };
}

export const requestOf = (authorization) => ({
  method: "GET",
  path: "/goods",
  header: (name) => (name === "authorization" ? authorization : undefined),
});

/** Buys `count` credentials. Each is `{ header, token, preimage, paymentHash }`. */
export async function buy({ paywall, provider }, terms, count) {
  const gate = paywall.gate(terms);
  const bought = [];
  for (let i = 0; i < count; i++) {
    const { reply } = await gate(requestOf(undefined));
    const [{ token }] = parseChallenges(
      reply.headers.filter(([name]) => name === "WWW-Authenticate").map(([, v]) => v),
    );
    const { paymentHash } = JSON.parse(reply.body);
    const preimage = provider.preimageOf(paymentHash);
    // As a server gets it: one text, and not three that are still to be joined.
    const header = Buffer.from(`L402 ${token}:${preimage}`).toString("latin1");
    bought.push({ header, token, preimage, paymentHash });
  }
  return bought;
}
