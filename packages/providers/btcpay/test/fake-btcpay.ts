import { createHash } from "node:crypto";
import { decodeInvoice, type PaymentResult } from "@l402/core";
import { type Exchange, fakeBackend, fakeClock, fakeLightning, type Reply } from "@l402/testing";

export const STORE = "9CiNzKoANXxmk5ayZngSXrHTiVvvgCrwrpFQd4m2K776";
export const RECEIVE_KEY = "1f9a5bc8d7e60432a1b2c3d4e5f60718293a4b5c";
/** May receive too: the permission to use the node includes it. */
export const PAY_KEY = "2e8b4ad7c6f51321b0a1928374655647382910af";
const LIGHTNING = `/api/v1/stores/${STORE}/lightning/BTC`;
const FEE_MSAT = 5_000;
/** How long Core Lightning's `xpay` finds new routes, as BTCPay sends it no `retry_for`. */
const XPAY_SECONDS = 60;

/**
 * BTCPay Server with one store, in front of one kind of node: LND names invoices by their hash, shows preimages of
 * unpaid ones and hides expired ones; Core Lightning does none of that.
 */
export async function fakeBtcpay({ node = "lnd" }: { node?: "lnd" | "cln" } = {}) {
  const clock = fakeClock(new Date());
  const lightning = fakeLightning({ clock, feeMsat: FEE_MSAT });
  const invoices = new Map<
    string,
    { bolt11: string; paymentHash: string; preimage: string; paidAt?: Date; receivedMsat?: number }
  >();
  /** Answers that a test puts in place of the next ones, by a part of the path. */
  const scripted: { pathPart: string; reply: Reply }[] = [];
  /** Payments between two tries of Core Lightning, and how it lists them there. */
  const trying = new Map<string, { bolt11: string; maxFeeMsat: number; listed: "Failed" | "Pending"; since: Date }>();
  let nextTries: "Failed" | "Pending" | undefined;

  const server = await fakeBackend(async (request) => {
    const at = scripted.findIndex(({ pathPart }) => request.path.includes(pathPart));
    const [script] = at < 0 ? [] : scripted.splice(at, 1);
    return script?.reply ?? answer(request);
  });

  async function answer(request: Omit<Exchange, "reply">): Promise<Reply> {
    const { method, path, headers, body } = request;
    const key = /^token (\w+)$/.exec(headers.authorization ?? "")?.[1];
    if (key !== RECEIVE_KEY && key !== PAY_KEY) return error(401, "unauthenticated");
    if (!path.startsWith(LIGHTNING)) return error(404, "store-not-found");
    if (body !== "" && !/^application\/json\b/.test(headers["content-type"] ?? "")) return { status: 415, body: "" };
    const [, collection, name] = /^\/(invoices|payments)(?:\/([^/]+))?$/.exec(path.slice(LIGHTNING.length)) ?? [];
    const id = decodeURIComponent(name ?? "");
    switch (`${method} ${collection} ${id && id !== "pay" ? "by id" : id}`.trimEnd()) {
      case "POST invoices":
        return createInvoice(JSON.parse(body));
      case "GET invoices by id":
        return lookUpInvoice(id);
      case "POST invoices pay":
        return key === PAY_KEY ? pay(JSON.parse(body)) : error(403, "missing-permission");
      case "GET payments by id":
        return key === PAY_KEY ? lookUpPayment(id) : error(403, "missing-permission");
      default:
        return { status: collection ? 405 : 404, body: "" };
    }
  }

  async function createInvoice(order: Record<string, unknown>): Promise<Reply> {
    const { amount, description = "", expiry = 0, privateRouteHints = false, ...unknown } = order;
    // The server ignores fields that it does not know; here they are mistakes.
    const problems = [
      ...Object.keys(unknown).map((path) => ({ path, message: "is not a field" })),
      ...(typeof amount === "string" && /^\d+$/.test(amount) ? [] : [{ path: "amount", message: "a msat text" }]),
      ...(typeof expiry === "number" && expiry > 0 ? [] : [{ path: "expiry", message: "should be more than 0" }]),
      ...(typeof privateRouteHints === "boolean" ? [] : [{ path: "privateRouteHints", message: "true or false" }]),
      ...(typeof description === "string" ? [] : [{ path: "description", message: "a text" }]),
    ];
    if (problems.length > 0) return { status: 422, body: problems };
    const amountMsat = Number(amount);
    const ordered = { amountMsat, description: description as string, expiresInSeconds: expiry as number };
    const { bolt11, paymentHash } = await lightning.provider.createInvoice(ordered);
    const id = node === "lnd" ? paymentHash : createHash("sha1").update(paymentHash).digest("base64url");
    // Settled in the books at once, because a real node knows the preimage before the payment too.
    invoices.set(id, { bolt11, paymentHash, preimage: lightning.settle(paymentHash) });
    return lookUpInvoice(id);
  }

  function lookUpInvoice(id: string): Reply {
    const invoice = invoices.get(id) ?? Array.from(invoices.values()).find(({ paymentHash }) => paymentHash === id);
    if (!invoice) return error(404, "invoice-not-found");
    const { bolt11, paymentHash, preimage, paidAt, receivedMsat } = invoice;
    const { amountMsat, expiresAt } = decodeInvoice(bolt11);
    const isExpired = !paidAt && clock() >= expiresAt;
    if (isExpired && node === "lnd") return error(404, "invoice-not-found");
    const body = {
      id,
      status: paidAt ? "Paid" : isExpired ? "Expired" : "Unpaid",
      BOLT11: bolt11,
      paymentHash,
      ...((paidAt || node === "lnd") && { preimage }),
      paidAt: paidAt ? unix(paidAt) : null,
      expiresAt: unix(expiresAt),
      amount: String(amountMsat),
      amountReceived: paidAt ? String(receivedMsat ?? amountMsat) : "0",
    };
    return { status: 200, body };
  }

  async function pay(order: Record<string, unknown>): Promise<Reply> {
    const { BOLT11, maxFeeFlat, maxFeePercent, sendTimeout = 30, amount, ...unknown } = order;
    const problems = [
      ...Object.keys(unknown).map((path) => ({ path, message: "is not a field" })),
      ...(amount === undefined ? [] : [{ path: "amount", message: "would override that of the invoice" }]),
      ...(typeof maxFeeFlat === "string" && /^\d+$/.test(maxFeeFlat) ? [] : [{ path: "maxFeeFlat", message: "sats" }]),
      ...(typeof maxFeePercent === "string" ? [] : [{ path: "maxFeePercent", message: "a text" }]),
      ...(Number.isInteger(sendTimeout) ? [] : [{ path: "sendTimeout", message: "whole seconds" }]),
      ...(isInvoice(BOLT11) ? [] : [{ path: "BOLT11", message: "The BOLT11 invoice was invalid." }]),
    ];
    if (problems.length > 0) return { status: 422, body: problems };
    const bolt11 = BOLT11 as string;
    const { paymentHash, amountMsat, expiresAt } = decodeInvoice(bolt11);
    // LND takes 0 for no limit, and its own default is what the payment is worth.
    const maxFeeMsat = Number(maxFeeFlat) > 0 || node === "cln" ? Number(maxFeeFlat) * 1000 : Number(amountMsat);
    if (nextTries) {
      // The node gives up before BTCPay does.
      if (Number(sendTimeout) > XPAY_SECONDS) return error(400, "could-not-find-route");
      trying.set(paymentHash, { bolt11, maxFeeMsat, listed: nextTries, since: clock() });
      nextTries = undefined;
      // BTCPay hangs up after `sendTimeout`, here at once, and reports what the node lists then.
      return trying.get(paymentHash)?.listed === "Failed" ? error(400, "generic-error") : unfinished(paymentHash, 202);
    }
    const earlier = lightning.payments.find((payment) => payment.paymentHash === paymentHash)?.status;
    // BTCPay does not know what `xpay` says to that: error 219, or -3.
    if (node === "cln" && (earlier === "paid" || earlier === "in-flight"))
      return error(503, "lightning-node-unavailable");
    const result = await lightning.wallet.payInvoice({ bolt11, maxFeeMsat });
    if (result.status !== "failed") return paymentReply(result, paymentHash, bolt11);
    const isExpired = clock() >= expiresAt;
    // An exception of LND's client, which says nothing about the payment.
    if (isExpired && node === "lnd") return error(503, "lightning-node-unavailable");
    return error(400, isExpired ? "generic-error" : "could-not-find-route");
  }

  function unfinished(paymentHash: string, status = 200): Reply {
    const { listed, bolt11, since } = trying.get(paymentHash) as NonNullable<ReturnType<typeof trying.get>>;
    const createdAt = unix(since);
    return { status, body: { id: paymentHash, status: listed, BOLT11: bolt11, paymentHash, createdAt } };
  }

  async function lookUpPayment(paymentHash: string): Promise<Reply> {
    if (trying.has(paymentHash)) return unfinished(paymentHash);
    const result = await lightning.wallet.lookupPayment(paymentHash);
    if (result.status === "not-found") return error(404, "payment-not-found");
    const reply = paymentReply(result, paymentHash, "");
    return { ...reply, status: 200 };
  }

  function paymentReply(result: PaymentResult, paymentHash: string, bolt11: string): Reply {
    const amountMsat = lightning.payments.find((payment) => payment.paymentHash === paymentHash)?.amountMsat ?? 0;
    const status = { paid: "Complete", failed: "Failed", unknown: "Pending" }[result.status];
    const body = {
      id: paymentHash,
      status,
      BOLT11: bolt11,
      paymentHash,
      // LND's zeros.
      preimage: result.status === "paid" ? result.preimage : "0".repeat(64),
      createdAt: unix(clock()),
      totalAmount: String(amountMsat + FEE_MSAT),
      feeAmount: String(FEE_MSAT),
    };
    return { status: result.status === "unknown" ? 202 : 200, body };
  }

  return {
    ...server,
    clock,
    lightning,
    feeMsat: FEE_MSAT,
    loseNextAnswer: () => server.loseNextAnswer("/invoices/pay"),
    delayNextOrder: () => server.delayNext("/invoices/pay"),
    /** Answers this to the next request whose path has this text in it. */
    answerNext(pathPart: string, status: number, body: unknown) {
      scripted.push({ pathPart, reply: { status, body } });
    },
    /** The next payment takes Core Lightning more tries than BTCPay waits for; between them it is listed so. */
    tryLonger(listed: "Failed" | "Pending") {
      nextTries = listed;
    },
    /** Core Lightning's next try, within its time limit. */
    async tryAgain(paymentHash: string): Promise<void> {
      const order = trying.get(paymentHash);
      if (!order) throw new Error("Core Lightning is not trying to pay this.");
      trying.delete(paymentHash);
      await lightning.wallet.payInvoice(order);
    },
    /** Core Lightning has made its last try. */
    giveUp: (paymentHash: string) => void Object.assign(trying.get(paymentHash) ?? {}, { listed: "Failed" }),
    /** Somebody pays an invoice of the store. */
    settle(paymentHash: string, receivedMsat?: number): string {
      const invoice = Array.from(invoices.values()).find((each) => each.paymentHash === paymentHash);
      if (!invoice) throw new Error("This store has no such invoice.");
      invoice.paidAt ??= clock();
      if (receivedMsat !== undefined) invoice.receivedMsat = receivedMsat;
      return invoice.preimage;
    },
  };
}

const unix = (instant: Date) => Math.floor(instant.getTime() / 1000);
const error = (status: number, code: string): Reply => ({
  status,
  body: { code, message: `${code}, in BTCPay's words` },
});

function isInvoice(bolt11: unknown): boolean {
  try {
    // BTCPay takes no spaces around it, unlike decodeInvoice.
    return /^(lightning:)?ln\w+$/i.test(String(bolt11)) && decodeInvoice(String(bolt11)).network === "regtest";
  } catch {
    return false;
  }
}
