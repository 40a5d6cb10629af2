import { randomUUID } from "node:crypto";
import { decodeInvoice } from "@l402/core";
import { type Exchange, fakeBackend, fakeClock, fakeLightning, type Reply } from "@l402/testing";

export const FULL_PASSWORD = "f0a1d2c3b4e5968778695a4b3c2d1e0ff0a1d2c3b4e5968778695a4b3c2d1e0f";
export const LIMITED_PASSWORD = "1b2c3d4e5f60718293a4b5c6d7e8f9001b2c3d4e5f60718293a4b5c6d7e8f900";
const RECEIVE = /^\/payments\/incoming\/([0-9a-f]{64})$/;
const SENT = /^\/payments\/outgoingbyhash\/([0-9a-f]{64})$/;

/** What the trampoline node takes. */
export const feeMsatOf = (amountMsat: number): number => 4_000 + Math.floor((amountMsat * 4_000) / 1_000_000);

/** phoenixd: forms in, JSON or a plain text out, and HTTP 200 for payments that failed. */
export async function fakePhoenixd({ balanceMsat = 1_000_000_000 } = {}) {
  const clock = fakeClock(new Date());
  // Its wallet asks no fee; what phoenixd takes is reckoned here.
  const lightning = fakeLightning({ clock, balanceMsat: 1_000_000_000_000 });
  const invoices = new Map<string, FakeInvoice>();
  /** Answers that a test puts in place of the next ones, by a part of the path. */
  const scripted: { pathPart: string; reply: Reply }[] = [];

  const server = await fakeBackend(async (request) => {
    const at = scripted.findIndex(({ pathPart }) => request.path.includes(pathPart));
    const [script] = at < 0 ? [] : scripted.splice(at, 1);
    return script?.reply ?? answer(request);
  });

  async function answer({ method, path, headers, body }: Omit<Exchange, "reply">): Promise<Reply> {
    const [user, password] = basic(headers.authorization);
    const isFull = user === "" && password === FULL_PASSWORD;
    if (!isFull && !(user === "" && password === LIMITED_PASSWORD)) return UNAUTHORIZED;
    const posts = ["/createinvoice", "/payinvoice"].includes(path);
    const gets = RECEIVE.test(path) || SENT.test(path) || path === "/getbalance";
    if (!posts && !gets) return text(404, "Unknown endpoint (check api doc)");
    if (method !== (posts ? "POST" : "GET")) return text(405, "Invalid http method (use the correct GET/POST)");
    if (path === "/getbalance") {
      return { status: 200, body: { balanceSat: Math.floor(spendableMsat() / 1000), feeCreditSat: feeCreditSat() } };
    }
    if (gets) return RECEIVE.test(path) ? lookUpInvoice(path) : lookUpPayment(path);
    if (!/^application\/x-www-form-urlencoded\b/.test(headers["content-type"] ?? "")) return text(415, "");
    const form = Object.fromEntries(new URLSearchParams(body));
    if (path === "/createinvoice") return createInvoice(form);
    return isFull ? pay(form) : UNAUTHORIZED;
  }

  async function createInvoice(form: Record<string, string>): Promise<Reply> {
    const { amountSat, description, descriptionHash, expirySeconds = "3600", ...unknown } = form;
    // phoenixd ignores fields that it does not know; here they are mistakes. Without an amount any would do.
    if (Object.keys(unknown).length > 0) return text(400, `Request parameter ${Object.keys(unknown)} is unknown`);
    if (!/^[1-9]\d*$/.test(amountSat ?? "")) return text(400, "Request parameter amountSat couldn't be parsed");
    if (!/^[1-9]\d*$/.test(expirySeconds)) return text(400, "Request parameter expirySeconds couldn't be parsed");
    if (description !== undefined && description.length > 128) {
      return text(400, "Request parameter description is too long (max 128 characters)");
    }
    if ((description === undefined) === (descriptionHash === undefined)) {
      return text(400, "Must provide either a description or descriptionHash");
    }
    const { bolt11, paymentHash } = await lightning.provider.createInvoice({
      amountMsat: Number(amountSat) * 1000,
      description: description ?? "",
      expiresInSeconds: Number(expirySeconds),
    });
    // Settled in the books at once, because a real node knows the preimage before the payment too.
    const preimage = lightning.settle(paymentHash);
    invoices.set(paymentHash, { bolt11, preimage, ...(description !== undefined && { description }) });
    return { status: 200, body: { amountSat: Number(amountSat), paymentHash, serialized: bolt11 } };
  }

  function lookUpInvoice(path: string): Reply {
    const paymentHash = RECEIVE.exec(path)?.[1] ?? "";
    const invoice = invoices.get(paymentHash);
    if (!invoice) return text(404, "Not found");
    const { bolt11, description, preimage, paidAt } = invoice;
    const { amountMsat, expiresAt } = decodeInvoice(bolt11);
    const requestedSat = Number(amountMsat) / 1000;
    const body = {
      type: "incoming_payment",
      subType: "lightning",
      paymentHash,
      preimage,
      description,
      invoice: bolt11,
      isPaid: paidAt !== undefined,
      isExpired: clock() > expiresAt,
      requestedSat,
      // A fee for liquidity was taken off.
      receivedSat: receivedSatOf(invoice),
      fees: paidAt ? 5_000 : 0,
      expiresAt: expiresAt.getTime(),
      completedAt: paidAt?.getTime(),
      createdAt: clock().getTime(),
    };
    return { status: 200, body };
  }

  async function pay(form: Record<string, string>): Promise<Reply> {
    const { invoice = "", ...unknown } = form;
    if (Object.keys(unknown).length > 0) return text(400, `Request parameter ${Object.keys(unknown)} is unknown`);
    const decoded = decoded11(invoice);
    if (!decoded) return text(400, "Request parameter invoice couldn't be parsed/converted to bolt11invoice");
    const { paymentHash, amountMsat } = decoded;
    if (!amountMsat) return text(400, "Request parameter amountSat is missing");
    const failure = (reason: string): Reply => ({ status: 200, body: { type: "payment_failed", paymentHash, reason } });
    const earlier = lightning.payments.find((payment) => payment.paymentHash === paymentHash);
    if (earlier?.status === "paid") return failure("this invoice has already been paid");
    if (earlier?.status === "in-flight") return failure("a payment is already in progress for that invoice");
    if (Number(amountMsat) + feeMsatOf(Number(amountMsat)) > spendableMsat()) return failure("not enough funds");
    const result = await lightning.wallet.payInvoice({ bolt11: invoice, maxFeeMsat: Number.MAX_SAFE_INTEGER });
    if (result.status === "failed") return failure("the recipient was offline");
    // phoenixd would still be trying; the test server has no time for that.
    if (result.status === "unknown") return text(500, "timeout");
    const body = {
      type: "payment_sent",
      recipientAmountSat: Math.floor(Number(amountMsat) / 1000),
      routingFeeSat: Math.floor(feeMsatOf(Number(amountMsat)) / 1000),
      paymentId: randomUUID(),
      paymentHash,
      paymentPreimage: result.preimage,
    };
    return { status: 200, body };
  }

  async function lookUpPayment(path: string): Promise<Reply> {
    const paymentHash = SENT.exec(path)?.[1] ?? "";
    const payment = lightning.payments.find((each) => each.paymentHash === paymentHash);
    if (!payment) return text(404, "Not found");
    const result = await lightning.wallet.lookupPayment(paymentHash);
    const fees = feeMsatOf(payment.amountMsat);
    const body = {
      type: "outgoing_payment",
      subType: "lightning",
      paymentId: randomUUID(),
      paymentHash,
      preimage: result.status === "paid" ? result.preimage : undefined,
      isPaid: result.status === "paid",
      sent: Math.floor((payment.amountMsat + fees) / 1000),
      fees,
      completedAt: result.status === "unknown" ? undefined : clock().getTime(),
      createdAt: clock().getTime(),
    };
    return { status: 200, body };
  }

  const spentMsat = () =>
    lightning.payments
      .filter(({ status }) => status === "paid")
      .reduce((sum, { amountMsat }) => sum + amountMsat + feeMsatOf(amountMsat), 0);
  const paid = () => [...invoices.values()].filter(({ paidAt }) => paidAt !== undefined);
  const spendableMsat = () =>
    balanceMsat + paid().reduce((sum, invoice) => sum + receivedSatOf(invoice) * 1_000, 0) - spentMsat();
  const feeCreditSat = () => paid().filter((invoice) => receivedSatOf(invoice) === 0).length;

  return {
    ...server,
    clock,
    lightning,
    loseNextAnswer: () => server.loseNextAnswer("/payinvoice"),
    delayNextOrder: () => server.delayNext("/payinvoice"),
    /** Answers this to the next request whose path has this text in it. */
    answerNext(pathPart: string, status: number, body: unknown) {
      scripted.push({ pathPart, reply: { status, body } });
    },
    /** Somebody pays an invoice of this phoenixd. */
    settle(paymentHash: string): string {
      const invoice = invoices.get(paymentHash);
      if (!invoice) throw new Error("This phoenixd has no such invoice.");
      invoice.paidAt ??= clock();
      return invoice.preimage;
    },
    /** What was paid so far, with its fees. */
    spentMsat,
  };
}

interface FakeInvoice {
  bolt11: string;
  description?: string;
  preimage: string;
  paidAt?: Date;
}

/** 5 sats go for liquidity. Of less than that, nothing arrives: all of it becomes credit for later fees. */
const receivedSatOf = ({ bolt11, paidAt }: FakeInvoice): number =>
  paidAt ? Math.max(0, Number(decodeInvoice(bolt11).amountMsat) / 1000 - 5) : 0;

const text = (status: number, body: string): Reply => ({ status, body });
const UNAUTHORIZED = text(401, "Invalid authentication (use basic auth with the http password set in phoenix.conf)");

function basic(header = ""): [user: string | undefined, password: string | undefined] {
  const [, encoded = ""] = /^Basic (\S+)$/.exec(header) ?? [];
  const [, user, password] = /^([^:]*):(.*)$/.exec(Buffer.from(encoded, "base64").toString()) ?? [];
  return [user, password];
}

function decoded11(invoice: string) {
  try {
    // phoenixd takes no link and no spaces, unlike decodeInvoice.
    return /^ln\w+$/i.test(invoice) ? decodeInvoice(invoice) : undefined;
  } catch {
    return undefined;
  }
}
