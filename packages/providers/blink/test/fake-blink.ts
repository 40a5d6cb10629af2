import { createHmac } from "node:crypto";
import { decodeInvoice, isL402Error } from "@l402/core";
import { type Exchange, fakeBackend, fakeClock, fakeLightning, type Reply } from "@l402/testing";
import { execute, GraphQLError, parse, validate } from "graphql";
import { schema } from "./blink-schema.ts";

export const apiKey = "blink_fake0123456789abcdef";
export const walletId = "9a1f0c7e-3c55-4f0d-9a3e-5f4f3c0b1a2d";

const INVOICE_RATE = 60;
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

interface Transaction {
  direction: "SEND" | "RECEIVE";
  status: "SUCCESS" | "PENDING" | "FAILURE";
  settlementFee: number;
  settlementCurrency: "BTC" | "USD";
  paymentRequest: string;
  via: "SettlementViaLn" | "SettlementViaIntraLedger";
  preImage: string | null;
}

/** Blink's GraphQL API over HTTP, with a fake Lightning node behind it. Answers in Blink's words. */
export async function fakeBlink() {
  const clock = fakeClock(new Date(Math.floor(Date.now() / 1000) * 1000));
  const feeMsat = 10_000;
  const lightning = fakeLightning({ clock, feeMsat });
  const transactions = new Map<string, Transaction[]>();
  const state = {
    requests: [] as { query: string; variables: Record<string, never> }[],
    idempotencyKeys: new Set<unknown>(),
    /** Blink pays between its own accounts without Lightning. */
    intraledger: false,
    scopes: ["READ", "RECEIVE", "WRITE"],
    invoicesLeft: INVOICE_RATE * 100,
    /** What one answer of Blink is replaced by. */
    trap: undefined as ((body: unknown) => unknown) | undefined,
  };

  const refusal = (code: string) => ({
    __typename: "GraphQLApplicationError",
    code,
    message: `Words of Blink that nobody has to see: ${apiKey}`,
    path: null,
  });
  const thrown = (code: string) => new GraphQLError("Words of Blink", { extensions: { code } });
  const allow = (...scopes: string[]) => {
    if (!scopes.some((scope) => state.scopes.includes(scope))) throw thrown("NOT_AUTHORIZED");
  };

  const root = {
    async lnInvoiceCreate({
      input,
    }: {
      input: { amount: number; memo?: string; expiresIn?: number; walletId: string };
    }) {
      allow("RECEIVE", "WRITE");
      if (input.walletId !== walletId) return { errors: [refusal("INVALID_INPUT")] };
      if (!Number.isInteger(input.amount) || input.amount < 1) return { errors: [refusal("INVALID_INPUT")] };
      if (Buffer.byteLength(input.memo ?? "") > 639) return { errors: [refusal("INVALID_INPUT")] };
      if (state.invoicesLeft-- <= 0) return { errors: [refusal("TOO_MANY_REQUEST")] };
      // Out of range means the default, without a word.
      const { expiresIn = 0 } = input;
      const minutes = expiresIn >= 1 && expiresIn <= 1440 ? expiresIn : 240;
      const { bolt11, paymentHash } = await lightning.provider.createInvoice({
        amountMsat: input.amount * 1000,
        description: input.memo ?? "",
        expiresInSeconds: minutes * 60,
      });
      return { errors: [], invoice: { paymentRequest: bolt11, paymentHash } };
    },

    async lnInvoicePaymentStatusByHash({ input: { paymentHash } }: { input: { paymentHash: string } }) {
      const invoice = lightning.invoices.find((each) => each.paymentHash === paymentHash);
      if (!invoice) throw thrown("LIGHTNING_PAYMENT_ERROR");
      const found = await lightning.provider.lookupInvoice({ paymentHash });
      const paid = found.status === "settled";
      return {
        paymentHash,
        paymentRequest: invoice.bolt11,
        status: paid ? "PAID" : found.status === "open" ? "PENDING" : "EXPIRED",
        paymentPreimage: paid ? found.preimage : null,
      };
    },

    async lnInvoicePaymentSend({ input }: { input: { walletId: string; paymentRequest: string } }) {
      allow("WRITE");
      const failure = (code: string) => ({ status: "FAILURE", errors: [refusal(code)] });
      if (input.walletId !== walletId) return failure("INVALID_INPUT");
      // Blink takes no link and no spaces, unlike decodeInvoice.
      if (!/^ln\w+$/i.test(input.paymentRequest)) return failure("INVALID_INPUT");
      const { paymentHash, amountMsat } = decodeInvoice(input.paymentRequest);
      if (!amountMsat) return failure("INVALID_INPUT");
      const mine = transactions.get(paymentHash) ?? [];
      const done = mine.find(({ direction, status }) => direction === "SEND" && status === "SUCCESS");
      if (done) return { errors: [], status: "ALREADY_PAID", transaction: shown(done) };
      if (mine.some(({ status }) => status === "PENDING")) return failure("INVALID_INPUT");

      const transaction: Transaction = {
        direction: "SEND",
        status: "PENDING",
        settlementFee: feeMsat / 1000,
        settlementCurrency: "BTC",
        paymentRequest: input.paymentRequest,
        via: state.intraledger ? "SettlementViaIntraLedger" : "SettlementViaLn",
        preImage: null,
      };
      transactions.set(paymentHash, [transaction, ...mine]);
      const result = await lightning.wallet.payInvoice({ bolt11: input.paymentRequest, maxFeeMsat: feeMsat });
      if (result.status === "unknown") return { errors: [], status: "PENDING", transaction: shown(transaction) };
      if (result.status === "paid") {
        transaction.status = "SUCCESS";
        transaction.preImage = result.preimage;
        return { errors: [], status: "SUCCESS", transaction: shown(transaction) };
      }
      transaction.status = "FAILURE";
      // What was taken in advance comes back under the same payment hash.
      transactions.get(paymentHash)?.push({ ...transaction, direction: "RECEIVE", status: "SUCCESS" });
      return failure(/balance/.test(result.reason) ? "INSUFFICIENT_BALANCE" : "LIGHTNING_PAYMENT_ERROR");
    },

    me() {
      allow("READ", "WRITE");
      return {
        defaultAccount: {
          __typename: "ConsumerAccount",
          walletById: ({ walletId: id }: { walletId: string }) => {
            if (id !== walletId) throw thrown("INVALID_INPUT");
            return {
              __typename: "BTCWallet",
              transactionsByPaymentHash: async ({ paymentHash }: { paymentHash: string }) => {
                await settleLate(paymentHash);
                return (transactions.get(paymentHash) ?? []).map(shown);
              },
            };
          },
        },
      };
    },
  };

  /** A stuck payment that arrived meanwhile. */
  async function settleLate(paymentHash: string): Promise<void> {
    const pending = transactions.get(paymentHash)?.find(({ status }) => status === "PENDING");
    const found = pending && (await lightning.wallet.lookupPayment(paymentHash));
    if (found?.status === "paid")
      Object.assign(pending as Transaction, { status: "SUCCESS", preImage: found.preimage });
    if (found?.status === "failed") (pending as Transaction).status = "FAILURE";
  }

  const shown = ({ via, preImage, paymentRequest, ...rest }: Transaction) => ({
    ...rest,
    initiationVia: { __typename: "InitiationViaLn", paymentRequest },
    settlementVia: { __typename: via, preImage },
  });

  async function answer({ method, path, headers, body: text }: Omit<Exchange, "reply">): Promise<Reply> {
    const reply = (status: number, body: unknown): Reply => ({ status, body });
    if (method !== "POST" || path !== "/graphql") return reply(404, { message: "Not found" });
    if (!headers["content-type"]?.startsWith("application/json")) return reply(415, {});
    if (headers["x-api-key"] !== apiKey) return reply(401, { error: { code: 401, status: "Unauthorized" } });
    const { "x-idempotency-key": key } = headers;
    if (key !== undefined) {
      if (!UUID_V4.test(String(key))) return reply(400, { error: "Invalid idempotency key" });
      if (state.idempotencyKeys.has(key)) return reply(409, { error: "Duplicate request" });
      state.idempotencyKeys.add(key);
    }
    const { query, variables, ...rest } = JSON.parse(text);
    state.requests.push({ query, variables });
    if (Object.keys(rest).length > 0) return reply(400, { errors: [{ message: "unknown field" }] });
    const document = parse(query);
    const invalid = validate(schema, document);
    if (invalid.length > 0) {
      return reply(400, { errors: invalid.map(({ message }) => ({ message, code: "GRAPHQL_VALIDATION_FAILED" })) });
    }
    try {
      const { data = null, errors } = await execute({ schema, document, rootValue: root, variableValues: variables });
      // Blink's server puts the code beside the message, its gateway into "extensions".
      const body = errors
        ? { data, errors: errors.map(({ message, extensions }) => ({ message, extensions })) }
        : { data };
      return reply(200, state.trap ? state.trap(body) : body);
    } catch (error) {
      return reply(500, { message: isL402Error(error) ? error.code : String(error) });
    }
  }

  const server = await fakeBackend(answer);

  return {
    ...server,
    clock,
    lightning,
    feeMsat,
    state,
    transactions,
    options: { apiKey, walletId, url: `${server.url}/graphql` },
    loseNextAnswer: () => server.loseNextAnswer("/graphql"),
    delayNextOrder: () => server.delayNext("/graphql"),
  };
}

/** What Blink's sender of webhooks does. */
export function signedDelivery(payload: unknown, { secret, at }: { secret: string; at: Date }) {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  const id = "msg_2abc";
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const key = Buffer.from(secret.slice("whsec_".length), "base64");
  const signature = `v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
  return { body, id, timestamp, signature, secret };
}
