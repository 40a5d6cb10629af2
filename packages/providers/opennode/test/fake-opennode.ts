import { createHmac, randomUUID } from "node:crypto";
import { type Exchange, fakeBackend, fakeClock, fakeLightning, type Reply } from "@l402/testing";

export const apiKey = "11111111-2222-3333-4444-555555555555";

interface Charge {
  id: string;
  amount: number;
  description: string;
  payreq: string;
  paymentHash: string;
  ttl: number;
  onChain?: "processing" | "paid" | "underpaid" | "refunded";
}

/** OpenNode's REST API over HTTP, with a fake Lightning node behind it. Answers in OpenNode's words. */
export async function fakeOpennode() {
  const clock = fakeClock();
  const lightning = fakeLightning({ clock });
  const charges = new Map<string, Charge>();
  /** `trap` changes what is answered. */
  const state = { trap: undefined as ((body: object) => unknown) | undefined };
  const server = await fakeBackend(answer);

  async function create(input: Record<string, unknown>): Promise<Reply> {
    const { amount, description, ttl, ...rest } = input;
    if (Object.keys(rest).length > 0) return refused(400, `Unknown field ${Object.keys(rest)[0]}`);
    if (typeof amount !== "number" || !Number.isInteger(amount) || amount < 1) return refused(400, "Invalid amount");
    if (typeof description !== "string") return refused(400, "Invalid description");
    if (typeof ttl !== "number" || !Number.isInteger(ttl) || ttl < 10 || ttl > 1440) return refused(400, "Invalid ttl");
    const { bolt11, paymentHash } = await lightning.provider.createInvoice({
      amountMsat: amount * 1000,
      description,
      expiresInSeconds: ttl * 60,
    });
    const charge: Charge = { id: randomUUID(), amount, description, payreq: bolt11, paymentHash, ttl };
    charges.set(charge.id, charge);
    return trapped(201, charge);
  }

  async function shown({ id, amount, description, payreq, paymentHash, ttl, onChain }: Charge): Promise<object> {
    const found = await lightning.provider.lookupInvoice({ paymentHash });
    const now = Math.floor(clock().getTime() / 1000);
    const paid = found.status === "settled";
    return {
      id,
      description,
      amount,
      status: onChain ?? (paid ? "paid" : found.status === "expired" ? "expired" : "unpaid"),
      fiat_value: 0.01,
      source_fiat_value: 0,
      currency: "BTC",
      created_at: now,
      order_id: "",
      address: "bcrt1qfake",
      auto_settle: false,
      ttl,
      lightning_invoice: {
        expires_at: now + ttl * 60,
        payreq,
        // Never a preimage.
        ...(paid && { settled_at: Math.floor((found.settledAt?.getTime() ?? 0) / 1000) }),
      },
      chain_invoice: { address: "bcrt1qfake", ...(onChain === "paid" && { settled_at: now, tx: "ab".repeat(32) }) },
      transactions: onChain ? [{ status: "confirmed", tx: "ab".repeat(32), amount }] : [],
    };
  }

  async function trapped(status: number, charge: Charge): Promise<Reply> {
    const body = { data: await shown(charge) };
    return { status, body: state.trap ? state.trap(body) : body };
  }

  async function answer({ method, path, headers, body }: Omit<Exchange, "reply">): Promise<Reply> {
    // Just the key: with a scheme before it, it is another key.
    if (headers.authorization !== apiKey) return refused(401, `Unauthorized ${apiKey}`);
    const route = `${method} ${path}`;
    const [, id] = /^GET \/v1\/charge\/([^/?]+)$/.exec(route) ?? [];
    if (id) {
      const charge = charges.get(id);
      return charge ? trapped(200, charge) : refused(404, "Charge not found");
    }
    if (route !== "POST /v1/charges") return { status: 404, body: { message: "Cannot find it" } };
    if (headers["content-type"] !== "application/json") return refused(400, "type");
    return create(JSON.parse(body));
  }

  return { ...server, clock, lightning, charges, state, options: { apiKey, url: server.url } };
}

const refused = (status: number, message: string): Reply => ({ status, body: { success: false, message } });

/** The form that OpenNode posts. Only the id is signed. */
export function signedForm(id: string, changes: Record<string, string> = {}): string {
  const hashed_order = createHmac("sha256", apiKey).update(id).digest("hex");
  return new URLSearchParams({ id, status: "paid", price: "21", fee: "0", hashed_order, ...changes }).toString();
}
