import { decodeInvoice } from "@l402/core";
import { fakeBackend, fakeClock, fakeLightning, type Reply } from "@l402/testing";
import { checkParams, type Params } from "./cln-params.ts";

/** Runes with the least permissions: the fake refuses every other method with them. */
export const SELLER_RUNE = `${"s".repeat(42)}eller-_MA==`;
export const BUYER_RUNE = `${"b".repeat(42)}uyer-_MA==`;
const PERMITTED: Record<string, readonly string[]> = {
  [SELLER_RUNE]: ["invoice", "listinvoices"],
  [BUYER_RUNE]: ["xpay", "pay", "listpays"],
};

interface Exchange {
  method: string;
  params: unknown;
  status: number;
  body: unknown;
}

/** An error of Core Lightning, and the HTTP status that clnrest gives it. */
interface RpcFault extends Error {
  status: number;
  code: number;
}
export const fault = (code: number, message: string, status = 500): RpcFault =>
  Object.assign(new Error(message), { code, status });

/** clnrest over HTTP, with a fake Lightning node behind it. Refuses what Core Lightning refuses, in its words. */
export async function fakeCln(options: { feeMsat?: number } = {}) {
  const clock = fakeClock(new Date(Math.floor(Date.now() / 1000) * 1000));
  const { feeMsat = 1_000 } = options;
  const lightning = fakeLightning({ clock, feeMsat });
  const exchanges: Exchange[] = [];
  const labels = new Map<string, string>();
  const state = {
    /** Older than 24.11. */
    hasXpay: true,
    /** What the clnrest in Python did with errors. */
    wrapsErrors: false,
    isRateLimited: false,
    /** Replaces what is answered next. */
    next: undefined as ((body: unknown) => unknown) | undefined,
    /** Fails the next payment with this after it was sent, as xpay does while a part is under way. */
    giveUp: undefined as RpcFault | undefined,
    /** Lets the next payment wait before anything is listed. */
    beforeNextPay: undefined as Promise<unknown> | undefined,
    /** How often a payment was begun while the same one was under way: two would arrive. */
    doubled: 0,
  };
  const seconds = (instant: Date) => Math.floor(instant.getTime() / 1000);

  const methods: Record<string, (params: Params) => Promise<unknown>> = {
    async invoice({ amount_msat, label, description, expiry = 604_800 }) {
      if (!(Number(amount_msat) > 0)) throw fault(-32602, "amount_msat: should be positive msat or 'any'");
      if (labels.has(String(label))) throw fault(900, `Duplicate label '${label}'`);
      if (Buffer.byteLength(String(description)) > 639) throw fault(-32602, "Max description length is 639");
      const { bolt11, paymentHash, expiresAt } = await lightning.provider.createInvoice({
        amountMsat: Number(amount_msat),
        description: String(description),
        expiresInSeconds: Number(expiry),
      });
      labels.set(String(label), paymentHash);
      return {
        payment_hash: paymentHash,
        expires_at: seconds(expiresAt),
        bolt11,
        payment_secret: "5e".repeat(32),
        created_index: labels.size,
      };
    },

    async listinvoices({ payment_hash }) {
      const invoice = lightning.invoices.find((each) => each.paymentHash === payment_hash);
      if (!invoice) return { invoices: [] };
      const { paymentHash, description, bolt11, amountMsat, expiresAt, status, receivedMsat = amountMsat } = invoice;
      const found = await lightning.provider.lookupInvoice({ paymentHash });
      const entry = {
        label: [...labels].find(([, hash]) => hash === paymentHash)?.[0] ?? "another",
        bolt11,
        payment_hash: paymentHash,
        amount_msat: amountMsat,
        description,
        expires_at: seconds(expiresAt),
        created_index: 1,
        status: { open: "unpaid", expired: "expired", canceled: "expired", settled: "paid" }[status],
      };
      if (found.status !== "settled") return { invoices: [entry] };
      const { preimage, settledAt = clock() } = found;
      const paid = { pay_index: 1, amount_received_msat: receivedMsat, paid_at: seconds(settledAt), updated_index: 1 };
      return { invoices: [{ ...entry, ...paid, payment_preimage: preimage }] };
    },

    async xpay({ invstring, maxfee }) {
      if (!state.hasXpay) throw fault(-32601, "Unknown command 'xpay'", 404);
      const { preimage, amountMsat } = await send(String(invstring), Number(maxfee));
      return {
        payment_preimage: preimage,
        failed_parts: 0,
        successful_parts: 1,
        amount_msat: amountMsat,
        amount_sent_msat: amountMsat + feeMsat,
      };
    },

    async pay({ bolt11, maxfee }) {
      const { paymentHash } = decodeInvoice(String(bolt11));
      const earlier = await lightning.wallet.lookupPayment(paymentHash);
      const { preimage, amountMsat } =
        earlier.status === "paid"
          ? { preimage: earlier.preimage, amountMsat: Number(decodeInvoice(String(bolt11)).amountMsat) }
          : await send(String(bolt11), Number(maxfee));
      return {
        payment_preimage: preimage,
        payment_hash: paymentHash,
        created_at: 1_767_225_600.5,
        parts: 1,
        amount_msat: amountMsat,
        amount_sent_msat: amountMsat + feeMsat,
        status: "complete",
      };
    },

    async listpays({ payment_hash }) {
      const hash = String(payment_hash);
      const payment = lightning.payments.find((each) => each.paymentHash === hash);
      if (!payment) return { pays: [] };
      const { status, amountMsat } = payment;
      const entry = { payment_hash: hash, created_at: 1_767_225_600, created_index: 1 };
      const sent = { amount_sent_msat: amountMsat + feeMsat };
      if (status === "in-flight") return { pays: [{ ...entry, status: "pending" }] };
      if (status === "failed") return { pays: [{ ...entry, ...sent, status: "failed" }] };
      const found = await lightning.wallet.lookupPayment(hash);
      if (found.status !== "paid") throw new Error("It is paid.");
      const complete = { status: "complete", completed_at: 1_767_225_600, preimage: found.preimage };
      return { pays: [{ ...entry, ...sent, ...complete, amount_msat: amountMsat }] };
    },
  };

  /** Neither xpay nor the rest of the node notices that the same payment is under way. */
  async function send(invstring: string, maxFeeMsat: number): Promise<{ preimage: string; amountMsat: number }> {
    // CLN takes a link, but no spaces around it, unlike decodeInvoice.
    if (!/^(lightning:)?ln\w+$/i.test(invstring)) throw fault(-32602, "Invalid bolt11: Bad bech32 string");
    const { paymentHash, expiresAt, amountMsat } = decodeInvoice(invstring);
    if (!amountMsat) throw fault(-32602, "amount_msat required");
    if (clock() > expiresAt) throw fault(207, "Invoice expired 1 seconds ago");
    await state.beforeNextPay;
    state.beforeNextPay = undefined;
    const earlier = lightning.payments.find((each) => each.paymentHash === paymentHash);
    if (earlier?.status === "paid") throw fault(219, "Already paid this invoice successfully");
    if (earlier?.status === "in-flight") state.doubled++;
    const result = await lightning.wallet.payInvoice({ bolt11: invstring, maxFeeMsat });
    const { giveUp } = state;
    state.giveUp = undefined;
    if (giveUp) throw giveUp;
    if (result.status === "paid") return { preimage: result.preimage, amountMsat: Number(amountMsat) };
    if (result.status === "unknown") return new Promise(() => {});
    throw /route|fee|balance/.test(result.reason)
      ? fault(205, "Could not find route")
      : fault(203, "Permanent failure");
  }

  const server = await fakeBackend(async ({ method: verb, path, headers, body: text }): Promise<Reply> => {
    const [, method = ""] = /^\/v1\/([^/]+)$/.exec(path) ?? [];
    const exchange: Exchange = { method, params: undefined, status: 0, body: undefined };
    exchanges.push(exchange);
    if (method === "") return { status: 404, body: "" };
    if (verb !== "POST") return { status: 405, body: "" };
    const answer = (status: number, body: unknown): Reply => {
      Object.assign(exchange, { status, body: state.next ? state.next(body) : body });
      state.next = undefined;
      return { status, body: exchange.body };
    };
    try {
      const params: Params = JSON.parse(text);
      exchange.params = params;
      authorize(headers.rune, method, state.isRateLimited);
      checkParams(method, text, params, fault);
      const call = methods[method];
      if (!call) throw fault(-32601, `Unknown command '${method}'`, 404);
      return answer(201, await call(params));
    } catch (error) {
      const isFault = typeof (error as RpcFault).code === "number";
      const { code, message, status } = isFault ? (error as RpcFault) : fault(-1, "Something broke");
      return answer(status, state.wrapsErrors ? { error: { code, message } } : { code, message });
    }
  });

  return {
    ...server,
    clock,
    lightning,
    feeMsat,
    state,
    exchanges,
    /** Of the next payment. */
    loseNextAnswer: () => server.loseNextAnswer(state.hasXpay ? "/v1/xpay" : "/v1/pay"),
    delayNextOrder: () => server.delayNext(state.hasXpay ? "/v1/xpay" : "/v1/pay"),
  };
}

function authorize(rune: unknown, method: string, isRateLimited: boolean): void {
  if (rune === undefined) throw fault(1501, "Not authorized: Missing rune", 403);
  const permitted = PERMITTED[String(rune)];
  if (!permitted) throw fault(1501, "Not authorized: Not derived from master", 401);
  if (!permitted.includes(method)) throw fault(1502, "Not permitted: method is not equal to", 401);
  if (isRateLimited) throw fault(1502, "Not permitted: Rate of 60 per minute exceeded", 401);
}
