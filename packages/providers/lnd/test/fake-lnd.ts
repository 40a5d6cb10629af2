import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { decodeInvoice, type PaymentResult } from "@l402/core";
import { fakeClock, fakeLightning } from "@l402/testing";
import { checkFields, INVOICE_FIELDS, SEND_FIELDS } from "./lnd-fields.ts";

/** Macaroons with the least permissions: the fake refuses everything else with them. */
export const SELLER_MACAROON = `0201036c6e64${"5e".repeat(40)}`;
export const BUYER_MACAROON = `0201036c6e64${"b0".repeat(40)}`;

/** What LND answers to everything until it is up. */
export const NOT_UP = [
  "waiting to start, RPC services not available",
  "wallet not created, create one to enable full RPC access",
  "wallet locked, unlock it to enable full RPC access",
  "the RPC server is in the process of starting up, but not yet ready to accept calls",
] as const;

export interface Exchange {
  route: string;
  status: number;
  request: unknown;
  answers: unknown[];
}

/** A gRPC error as LND's gateway shows it. */
interface Refusal extends Error {
  status: number;
  code: number;
}
const refusal = (status: number, code: number, message: string): Refusal =>
  Object.assign(new Error(message), { status, code });

const NONE = "0".repeat(64);

/** LND's REST API over HTTP, with a fake Lightning node behind it. Refuses what LND refuses, in LND's words. */
export async function fakeLnd(options: { feeMsat?: number } = {}) {
  const clock = fakeClock(new Date(Math.floor(Date.now() / 1000) * 1000));
  const { feeMsat = 1_000 } = options;
  const lightning = fakeLightning({ clock, feeMsat });
  const exchanges: Exchange[] = [];
  const state = {
    mode: "up" as "up" | "down" | "hanging",
    loseNextAnswer: false,
    /** Takes what is to be done for the next order to pay, whose connection breaks. */
    delayNextOrder: undefined as ((carryOut: () => Promise<unknown>) => void) | undefined,
    notUp: undefined as string | undefined,
    /** Replaces what is answered next. */
    next: undefined as ((answer: unknown) => unknown) | undefined,
  };

  const stateOf = (paymentHash: string) => {
    const invoice = lightning.invoices.find((each) => each.paymentHash === paymentHash);
    if (!invoice) throw refusal(404, 5, "unable to locate invoice");
    return invoice;
  };

  async function addInvoice(body: Record<string, unknown>) {
    checkFields(body, INVOICE_FIELDS, refuse);
    if ("r_hash" in body) refuse("unexpected r_hash");
    if (Number(body.value_msat ?? 0) < 0) throw refusal(500, 2, "payments of negative value are not allowed");
    if (Number(body.expiry ?? 0) > 31_536_000) throw refusal(500, 2, "expiry time is too long");
    if (Buffer.byteLength(String(body.memo ?? "")) > 639) throw refusal(500, 2, "memo too large");
    const { bolt11, paymentHash } = await lightning.provider.createInvoice({
      amountMsat: Number(body.value_msat),
      description: String(body.memo ?? ""),
      // Zero is the default of a day.
      expiresInSeconds: Number(body.expiry ?? 0) || 86_400,
    });
    return {
      r_hash: base64(paymentHash),
      payment_request: bolt11,
      add_index: String(lightning.invoices.length),
      payment_addr: randomBytes(32).toString("base64"),
    };
  }

  async function lookupInvoice(paymentHash: string) {
    if (!/^[0-9a-f]{64}$/i.test(paymentHash)) throw refusal(500, 2, "payment hash must be exactly 32 bytes");
    const { bolt11, amountMsat, description, status, receivedMsat = amountMsat } = stateOf(paymentHash);
    const found = await lightning.provider.lookupInvoice({ paymentHash });
    const settled = found.status === "settled" ? found : undefined;
    return {
      memo: description,
      // In every state.
      r_preimage: settled?.preimage ? base64(settled.preimage) : randomBytes(32).toString("base64"),
      r_hash: base64(paymentHash),
      value: String(Math.floor(amountMsat / 1000)),
      value_msat: String(amountMsat),
      settled: settled !== undefined,
      creation_date: "1767225600",
      settle_date: settled?.settledAt ? String(settled.settledAt.getTime() / 1000) : "0",
      payment_request: bolt11,
      description_hash: "",
      expiry: "600",
      fallback_addr: "",
      cltv_expiry: "80",
      route_hints: [],
      private: false,
      add_index: "1",
      settle_index: settled ? "1" : "0",
      amt_paid: settled ? String(receivedMsat) : "0",
      amt_paid_sat: settled ? String(Math.floor(receivedMsat / 1000)) : "0",
      amt_paid_msat: settled ? String(receivedMsat) : "0",
      // The watcher of expired invoices cancels them.
      state: { open: "OPEN", expired: "CANCELED", canceled: "CANCELED", settled: "SETTLED" }[status],
      htlcs: [],
      features: {},
      is_keysend: false,
    };
  }

  /** One line of the stream about a payment. */
  const payment = (paymentHash: string, { result }: { result: PaymentResult }) => ({
    result: {
      payment_hash: paymentHash,
      value: "21",
      creation_date: "1767225600",
      fee: result.status === "paid" ? String(Math.floor(result.feeMsat / 1000)) : "0",
      payment_preimage: result.status === "paid" ? result.preimage : NONE,
      value_sat: "21",
      value_msat: "21000",
      payment_request: "",
      status: { paid: "SUCCEEDED", failed: "FAILED", unknown: "IN_FLIGHT" }[result.status],
      fee_sat: result.status === "paid" ? String(Math.floor(result.feeMsat / 1000)) : "0",
      fee_msat: result.status === "paid" ? String(result.feeMsat) : "0",
      creation_time_ns: "1767225600000000000",
      htlcs: [],
      payment_index: "1",
      failure_reason: result.status === "failed" ? failureReason(result.reason) : "FAILURE_REASON_NONE",
    },
  });

  async function send(body: Record<string, unknown>) {
    checkFields(body, SEND_FIELDS, refuse);
    if ("fee_limit_sat" in body && "fee_limit_msat" in body) refuse("fee_limit_sat and fee_limit_msat are exclusive");
    const bolt11 = String(body.payment_request ?? "");
    // LND takes no link and no spaces, unlike decodeInvoice.
    if (!/^ln\w+$/i.test(bolt11)) throw refusal(500, 2, "invalid index of 1");
    const { paymentHash, expiresAt, amountMsat } = decodeInvoice(bolt11);
    if (!amountMsat) throw refusal(500, 2, "amount must be specified when paying a zero amount invoice");
    if (clock() > expiresAt) throw refusal(500, 2, `invoice expired. Valid until ${expiresAt.toISOString()}`);
    const earlier = lightning.payments.find((each) => each.paymentHash === paymentHash);
    if (earlier?.status === "paid") throw refusal(409, 6, "invoice is already paid");
    if (earlier?.status === "in-flight") throw refusal(409, 6, "payment is in transition");
    const maxFeeMsat = Number(body.fee_limit_msat ?? 0);
    const result = await lightning.wallet.payInvoice({ bolt11, maxFeeMsat });
    // Without updates there is not a word before the end.
    const isQuiet = result.status === "unknown" && body.no_inflight_updates === true;
    return { lines: isQuiet ? [] : [payment(paymentHash, { result })], isOpen: result.status === "unknown" };
  }

  async function track(hash: string) {
    // The gateway knows only padded base64 in a path.
    if (!/^[\w-]{43}=$/.test(hash)) throw refusal(400, 3, "illegal base64 data");
    const paymentHash = Buffer.from(hash, "base64url").toString("hex");
    const result = await lightning.wallet.lookupPayment(paymentHash);
    if (result.status === "not-found") throw refusal(404, 5, "payment isn't initiated");
    return { lines: [payment(paymentHash, { result })], isOpen: result.status === "unknown" };
  }

  /** `lnrpc.ChannelBalanceResponse`; what is under way is in none of the two. */
  async function balance() {
    const msat = String(lightning.balanceMsat);
    return {
      balance: String(Math.floor(lightning.balanceMsat / 1000)),
      pending_open_balance: "0",
      local_balance: { sat: String(Math.floor(lightning.balanceMsat / 1000)), msat },
      remote_balance: { sat: "0", msat: "0" },
    };
  }

  async function answer(request: IncomingMessage, text: string, response: ServerResponse) {
    const { method = "", url = "" } = request;
    const { pathname, searchParams } = new URL(url, "http://lnd");
    const exchange: Exchange = {
      route: `${method} ${pathname}`,
      status: 0,
      request: text && JSON.parse(text),
      answers: [],
    };
    exchanges.push(exchange);
    const isStream = pathname.startsWith("/v2/router/");
    const write = (status: number, body: unknown) => {
      const given = state.next ? state.next(body) : body;
      state.next = undefined;
      exchange.answers.push(given);
      exchange.status = status;
      if (!response.headersSent) response.writeHead(status, { "content-type": "application/json" });
      response.write(`${typeof given === "string" ? given : JSON.stringify(given)}\n`);
    };
    try {
      const found = ROUTES.find(({ path }) => path.test(pathname));
      if (!found) throw refusal(404, 5, "Not Found");
      if (found.method !== method) throw refusal(501, 12, "Method Not Allowed");
      const permitted = isStream || found.name === "balance" ? BUYER_MACAROON : SELLER_MACAROON;
      authorize(request.headers["grpc-metadata-macaroon"], permitted, state.notUp);
      if ([...searchParams].length > 0) refuse("unknown query");
      const argument = decodeURIComponent(found.path.exec(pathname)?.[1] ?? "");
      const handlers = { addInvoice, lookupInvoice, send, track, balance };
      const carryOut = () => handlers[found.name]((exchange.request || argument) as never);
      if (state.delayNextOrder && found.name === "send") {
        state.delayNextOrder(carryOut);
        state.delayNextOrder = undefined;
        return void response.destroy();
      }
      const result = await carryOut();
      if (state.loseNextAnswer) {
        state.loseNextAnswer = false;
        return void response.destroy();
      }
      if (!("lines" in result)) write(200, result);
      else for (const line of result.lines) write(200, line);
      if (!("isOpen" in result && result.isOpen)) response.end();
    } catch (error) {
      const { status, code, message } = isRefusal(error) ? error : refusal(500, 2, "checksum failed");
      const body = { code, message, details: [] };
      // Only what a stream's handler says is wrapped; a path that is not there has none.
      write(status, isStream && message !== "Not Found" ? { error: body } : body);
      response.end();
    }
  }

  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk) => (text += chunk));
    request.on("end", () => {
      if (state.mode === "down") return void response.destroy();
      if (state.mode === "up") void answer(request, text, response);
    });
  });
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  const begin = (mode: "down" | "hanging") => () => {
    state.mode = mode;
    return () => {
      state.mode = "up";
    };
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clock,
    lightning,
    feeMsat,
    state,
    exchanges,
    breakBackend: begin("down"),
    hangBackend: begin("hanging"),
    loseNextAnswer() {
      state.loseNextAnswer = true;
    },
    delayNextOrder() {
      let arrive = async (): Promise<unknown> => undefined;
      state.delayNextOrder = (carryOut) => {
        arrive = carryOut;
      };
      return () => arrive();
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

const ROUTES = [
  { name: "addInvoice", method: "POST", path: /^\/v1\/invoices$/ },
  { name: "lookupInvoice", method: "GET", path: /^\/v1\/invoice\/([^/]+)$/ },
  { name: "send", method: "POST", path: /^\/v2\/router\/send$/ },
  { name: "track", method: "GET", path: /^\/v2\/router\/track\/([^/]+)$/ },
  { name: "balance", method: "GET", path: /^\/v1\/balance\/channels$/ },
] as const;

/** A plain Go error becomes HTTP 500, not 401. */
function authorize(macaroon: unknown, permitted: string, notUp: string | undefined): void {
  if (notUp) throw refusal(500, 2, notUp);
  if (macaroon === undefined) throw refusal(500, 2, "expected 1 macaroon, got 0");
  if (macaroon === permitted) return;
  const known = [SELLER_MACAROON, BUYER_MACAROON];
  if (known.includes(`${macaroon}`)) throw refusal(500, 2, "permission denied");
  if (known.some((whole) => `${macaroon}`.startsWith(whole))) {
    throw refusal(500, 2, 'caveat "time-before 2026-01-01T00:00:00Z" not satisfied: macaroon has expired');
  }
  const isCut = known.some((whole) => whole.startsWith(`${macaroon}`));
  if (isCut) throw refusal(500, 2, "unmarshal v2: field data extends past end of buffer");
  if (!`${macaroon}`.startsWith("02")) {
    throw refusal(500, 2, "cannot determine data format of binary-encoded macaroon");
  }
  throw refusal(500, 2, "verification failed: signature mismatch after caveat verification");
}

function refuse(what: string): never {
  throw refusal(400, 3, `proto: (line 1:2): ${what}`);
}

const failureReason = (reason: string) => {
  if (/route|fee/.test(reason)) return "FAILURE_REASON_NO_ROUTE";
  if (/balance/.test(reason)) return "FAILURE_REASON_INSUFFICIENT_BALANCE";
  return /paid|refuses/.test(reason) ? "FAILURE_REASON_INCORRECT_PAYMENT_DETAILS" : "FAILURE_REASON_ERROR";
};

const base64 = (hex: string) => Buffer.from(hex, "hex").toString("base64");

const isRefusal = (error: unknown): error is Refusal => typeof (error as Refusal).code === "number";
