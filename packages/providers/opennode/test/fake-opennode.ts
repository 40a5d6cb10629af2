import { createHmac, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fakeClock, fakeLightning } from "@l402/testing";

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
  const state = {
    mode: "up" as "up" | "down" | "hanging",
    requests: [] as string[],
    /** Changes what is answered. */
    trap: undefined as ((body: object) => unknown) | undefined,
  };

  async function create(input: Record<string, unknown>): Promise<[number, unknown]> {
    const { amount, description, ttl, ...rest } = input;
    const refused = (message: string): [number, unknown] => [400, { success: false, message }];
    if (Object.keys(rest).length > 0) return refused(`Unknown field ${Object.keys(rest)[0]}`);
    if (typeof amount !== "number" || !Number.isInteger(amount) || amount < 1) return refused("Invalid amount");
    if (typeof description !== "string") return refused("Invalid description");
    if (typeof ttl !== "number" || !Number.isInteger(ttl) || ttl < 10 || ttl > 1440) return refused("Invalid ttl");
    const { bolt11, paymentHash } = await lightning.provider.createInvoice({
      amountMsat: amount * 1000,
      description,
      expiresInSeconds: ttl * 60,
    });
    const charge: Charge = { id: randomUUID(), amount, description, payreq: bolt11, paymentHash, ttl };
    charges.set(charge.id, charge);
    return [201, { data: await shown(charge) }];
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

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += chunk;
    const send = ([status, body]: [number, unknown]) =>
      void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

    const route = `${request.method} ${request.url}`;
    state.requests.push(route);
    if (state.mode === "down") return void response.writeHead(502).end("<html>Bad gateway</html>");
    if (state.mode === "hanging") return;
    // Just the key: with a scheme before it, it is another key.
    if (request.headers.authorization !== apiKey) {
      return send([401, { success: false, message: "Unauthorized", leak: apiKey }]);
    }
    const [, id] = /^GET \/v1\/charge\/([^/?]+)$/.exec(route) ?? [];
    if (id) {
      const charge = charges.get(id);
      if (!charge) return send([404, { success: false, message: "Charge not found" }]);
      const body = { data: await shown(charge) };
      return send([200, state.trap ? state.trap(body) : body]);
    }
    if (route !== "POST /v1/charges") return send([404, { message: "Cannot find it" }]);
    if (request.headers["content-type"] !== "application/json") return send([400, { success: false, message: "type" }]);
    const [status, body] = await create(JSON.parse(text));
    send([status, status === 201 && state.trap ? state.trap(body as object) : body]);
  }

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const outage = (mode: "down" | "hanging") => () => {
    state.mode = mode;
    return () => {
      state.mode = "up";
    };
  };

  return {
    clock,
    lightning,
    charges,
    state,
    options: { apiKey, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    breakBackend: outage("down"),
    hangBackend: outage("hanging"),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** The form that OpenNode posts. Only the id is signed. */
export function signedForm(id: string, changes: Record<string, string> = {}): string {
  const hashed_order = createHmac("sha256", apiKey).update(id).digest("hex");
  return new URLSearchParams({ id, status: "paid", price: "21", fee: "0", hashed_order, ...changes }).toString();
}
