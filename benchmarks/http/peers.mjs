// What others charge for a Hono route with. Each answers how a buyer fills a header after a 402 of the server.
import { hash, randomBytes } from "node:crypto";
import { decodePaymentRequiredHeader, encodePaymentSignatureHeader } from "@x402/core/http";
import { x402ResourceServer } from "@x402/core/server";
import { paymentMiddleware } from "@x402/hono";
import { Challenge, Credential, Method, Receipt, z } from "mppx";
import { Mppx } from "mppx/hono";
import { SECRET } from "../shop.mjs";

const PREIMAGE = randomBytes(32).toString("hex");
const PAYMENT_HASH = hash("sha256", Buffer.from(PREIMAGE, "hex"), "hex");

/** With a method that does what L402 does: the preimage has to be that of the payment hash. */
export function mppxOnHono(app, path, handler) {
  const lightning = Method.from({
    name: "lightning",
    intent: "charge",
    schema: {
      credential: { payload: z.object({ preimage: z.string() }) },
      request: z.object({ amount: z.string(), currency: z.string(), paymentHash: z.string() }),
    },
  });
  const method = Method.toServer(lightning, {
    async verify({ credential, request }) {
      const { preimage } = credential.payload;
      if (hash("sha256", Buffer.from(preimage, "hex"), "hex") !== request.paymentHash) throw new Error("not paid");
      const timestamp = new Date().toISOString();
      return Receipt.from({ method: "lightning", reference: request.paymentHash, status: "success", timestamp });
    },
  });
  const mppx = Mppx.create({ methods: [method], secretKey: SECRET, realm: "shop.example" });
  app.get(path, mppx.charge({ amount: "10", currency: "sat", paymentHash: PAYMENT_HASH }), handler);
  return async (response) => {
    const challenge = Challenge.fromResponse(response);
    return Credential.serialize(Credential.from({ challenge, payload: { preimage: PREIMAGE } }));
  };
}

const NETWORK = "eip155:8453";

/** With a facilitator in this process that says yes at once: what is left is the middleware. */
export function x402OnHono(app, path, handler) {
  const facilitator = {
    getSupported: async () => ({
      kinds: [{ x402Version: 2, scheme: "exact", network: NETWORK }],
      extensions: [],
      signers: {},
    }),
    verify: async () => ({ isValid: true, payer: "0x01" }),
    settle: async () => ({ success: true, transaction: "0x02", network: NETWORK, payer: "0x01" }),
  };
  const scheme = {
    scheme: "exact",
    defaultAssetTransferMethod: "default",
    paymentFlows: { default: { supported: ["authorization"], default: "authorization" } },
    parsePrice: async () => ({ amount: "10", asset: "sat" }),
    enhancePaymentRequirements: async (requirements) => requirements,
  };
  const route = { accepts: { scheme: "exact", network: NETWORK, price: "$0.01", payTo: "0x03" }, description: "goods" };
  const server = new x402ResourceServer(facilitator).register(NETWORK, scheme);
  app.use(paymentMiddleware({ [`GET ${path}`]: route }, server));
  app.get(path, handler);
  return async (response) => {
    const { accepts } = decodePaymentRequiredHeader(response.headers.get("payment-required"));
    const payload = { x402Version: 2, accepted: accepts[0], payload: { signature: "0x04" } };
    return encodePaymentSignatureHeader(payload);
  };
}
