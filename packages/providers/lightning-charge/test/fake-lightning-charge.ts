import { randomBytes } from "node:crypto";
import { decodeInvoice } from "@l402/core";
import { type Exchange, fakeBackend, fakeClock, fakeLightning, type Reply } from "@l402/testing";

export const TOKEN = "mySecretToken-0123456789";
const FIELDS = ["msatoshi", "currency", "amount", "description", "expiry", "metadata", "webhook"];

/** Lightning Charge 0.4.26 in front of Core Lightning. It never learns a preimage. */
export async function fakeLightningCharge() {
  const clock = fakeClock(new Date());
  const lightning = fakeLightning({ clock });
  const invoices = new Map<string, { paymentHash: string; description: string; bolt11: string }>();
  let scripted: Reply | undefined;

  const server = await fakeBackend(async (request) => {
    const reply = scripted ?? (await answer(request));
    scripted = undefined;
    return reply;
  });

  async function answer({ method, path, headers, body }: Omit<Exchange, "reply">): Promise<Reply> {
    const [, id] = /^\/invoice\/([^/]+)$/.exec(path) ?? [];
    // It looks for the invoice before it looks at the token.
    if (id !== undefined && !invoices.has(decodeURIComponent(id))) return { status: 404, body: "Not Found" };
    if (id === undefined && path !== "/invoice") return { status: 404, body: `<pre>Cannot ${method} ${path}</pre>` };
    if (headers.authorization !== `Basic ${Buffer.from(`api-token:${TOKEN}`).toString("base64")}`) {
      return { status: 401, body: "Unauthorized" };
    }
    if (method === "GET" && id !== undefined) return { status: 200, body: show(decodeURIComponent(id)) };
    if (method !== "POST" || id !== undefined) return { status: 404, body: `<pre>Cannot ${method} ${path}</pre>` };
    // Anything else than JSON and forms would be read as nothing, and an invoice for any amount be made.
    if (!/^application\/json\b/.test(headers["content-type"] ?? "")) return { status: 415, body: "" };
    return createInvoice(JSON.parse(body));
  }

  async function createInvoice(order: Record<string, unknown>): Promise<Reply> {
    const { msatoshi, description, expiry = 3600 } = order;
    // The server ignores fields that it does not know; here they are mistakes.
    const strange = Object.keys(order).find((name) => !FIELDS.includes(name));
    if (strange || !/^[1-9]\d*$/.test(String(msatoshi)) || !Number.isInteger(expiry)) {
      return { status: 400, body: `LightningError: ${strange ?? "msatoshi or expiry"}: should be an unsigned integer` };
    }
    const text = description ? String(description) : "Lightning Charge Invoice";
    const { bolt11, paymentHash } = await lightning.provider.createInvoice({
      amountMsat: Number(msatoshi),
      description: text,
      expiresInSeconds: expiry as number,
    });
    const id = randomBytes(16).toString("base64url").slice(0, 21);
    invoices.set(id, { paymentHash, description: text, bolt11 });
    return { status: 201, body: show(id) };
  }

  function show(id: string) {
    const invoice = invoices.get(id);
    if (!invoice) throw new Error("There is no such invoice.");
    const { paymentHash, description, bolt11 } = invoice;
    const { amountMsat, timestamp, expiresAt } = decodeInvoice(bolt11);
    const { status, receivedMsat } = lightning.invoices.find((each) => each.paymentHash === paymentHash) ?? {};
    const isPaid = status === "settled";
    return {
      id,
      msatoshi: String(amountMsat),
      description,
      rhash: paymentHash,
      payreq: bolt11,
      expires_at: unix(expiresAt),
      created_at: unix(timestamp),
      metadata: null,
      quoted_currency: null,
      quoted_amount: null,
      msatoshi_received: isPaid ? String(receivedMsat ?? amountMsat) : null,
      pay_index: isPaid ? 1 : null,
      paid_at: isPaid ? unix(clock()) : null,
      status: isPaid ? "paid" : expiresAt > clock() ? "unpaid" : "expired",
    };
  }

  return {
    ...server,
    clock,
    lightning,
    /** Answers this to the next request. */
    answerNext(status: number, body: unknown) {
      scripted = { status, body };
    },
  };
}

const unix = (instant: Date) => Math.floor(instant.getTime() / 1000);
