import { json, type Operation, operation } from "./operation.ts";

const IDEMPOTENCY = {
  name: "Idempotency-Key",
  in: "header",
  schema: { type: "string", minLength: 1, maxLength: 255 },
  description: "The same key with the same body has the same result; with another body it is refused.",
};
const inPath = (name: string) => ({ name, in: "path", required: true, schema: { type: "string" } });
const inQuery = (name: string, description: string) => ({
  name,
  in: "query",
  schema: { type: "integer" },
  description,
});

const KEY: Operation["problems"] = ["KEY_MISSING"];

export const paths = {
  "/": { get: operation({ summary: "What the service is.", answers: { 200: json("Service", "Its terms.") } }) },
  "/health": {
    get: operation({
      summary: "Whether it works.",
      answers: { 200: json("Health", "It does."), 503: json("Health", "It does not.") },
    }),
  },
  "/openapi.json": {
    get: operation({ summary: "This document.", answers: { 200: { description: "OpenAPI 3.1." } } }),
  },
  "/v1/merchants": {
    post: operation({
      summary: "Register with a Lightning Address.",
      body: "NewMerchant",
      answers: { 201: json("RegisteredMerchant", "The account, and its key, which is shown once.") },
      problems: ["ADDRESS_INVALID"],
    }),
  },
  "/v1/merchant": {
    get: operation({
      summary: "Your account.",
      key: "needed",
      answers: { 200: json("Merchant", "The account.") },
      problems: KEY,
    }),
  },
  "/v1/merchant/address": {
    put: operation({
      summary: "Change the address of your payouts. It is delayed, and you get a notice.",
      key: "owner",
      body: "NewAddress",
      answers: { 202: json("Merchant", "The account, with the next address.") },
      problems: [...KEY, "ADDRESS_INVALID"],
    }),
  },
  "/v1/merchant/keys": {
    post: operation({
      summary: "Get another key in the place of one that may have leaked. The old one opens nothing any more.",
      key: "owner",
      body: "KeyToChange",
      answers: { 201: json("ChangedKey", "The new key, which is shown once.") },
      problems: KEY,
    }),
  },
  "/v1/invoices": {
    post: operation({
      summary: "Make an invoice. Its payment is yours, less the fee.",
      key: "optional",
      body: "NewInvoice",
      parameters: [IDEMPOTENCY],
      answers: { 201: json("CreatedInvoice", "The invoice.") },
      problems: [
        ...(["KEY_MISSING", "AMOUNT_INVALID", "ADDRESS_INVALID", "IDEMPOTENCY_KEY_MISSING"] as const),
        ...(["IDEMPOTENCY_KEY_REUSED", "BALANCE_CAP", "BILL_DUE", "INVOICES_STOPPED"] as const),
      ],
    }),
  },
  "/v1/invoices/{paymentHash}": {
    get: operation({
      summary: "How an invoice stands.",
      key: "optional",
      parameters: [inPath("paymentHash")],
      answers: { 200: json("Invoice", "The invoice.") },
      problems: ["NOT_FOUND"],
    }),
  },
  "/v1/balance": {
    get: operation({
      summary: "Your balance.",
      key: "needed",
      answers: { 200: json("Balance", "It.") },
      problems: KEY,
    }),
  },
  "/v1/statement": {
    get: operation({
      summary: "Everything that moved your balance, the oldest first.",
      key: "needed",
      parameters: [inQuery("after", "The `next` of the page before."), inQuery("limit", "1 to 1000. Default 100.")],
      answers: { 200: json("Statement", "A page.") },
      problems: ["KEY_MISSING", "QUERY_INVALID"],
    }),
  },
  "/v1/statement.csv": {
    get: operation({
      summary: "The whole statement for a spreadsheet.",
      key: "needed",
      answers: { 200: { description: "A header, and a line for each transaction.", contentType: "text/csv" } },
      problems: KEY,
    }),
  },
  "/v1/withdrawals": {
    post: operation({
      summary: "Pay an invoice of yours from your balance.",
      key: "owner",
      body: "NewWithdrawal",
      parameters: [{ ...IDEMPOTENCY, required: true }],
      answers: {
        201: json("Payout", "It has ended: look at its status."),
        202: json("Payout", "It is under way. Ask for it by its id."),
      },
      problems: [
        ...(["KEY_MISSING", "IDEMPOTENCY_KEY_MISSING", "IDEMPOTENCY_KEY_REUSED", "INVOICE_INVALID"] as const),
        ...(["AMOUNT_INVALID", "BALANCE_TOO_LOW", "ALREADY_UNDER_WAY", "PAYOUTS_PAUSED"] as const),
      ],
    }),
  },
  "/v1/refunds": {
    post: operation({
      summary:
        "Give a payment back to its buyer, once and at most in full, from your balance. The fee is not given back.",
      key: "owner",
      body: "NewRefund",
      parameters: [{ ...IDEMPOTENCY, required: true }],
      answers: {
        201: json("Payout", "It has ended: look at its status."),
        202: json("Payout", "It is under way. Ask for it by its id."),
      },
      problems: [
        ...(["KEY_MISSING", "IDEMPOTENCY_KEY_MISSING", "IDEMPOTENCY_KEY_REUSED", "INVOICE_INVALID"] as const),
        ...(["AMOUNT_INVALID", "BALANCE_TOO_LOW", "ALREADY_UNDER_WAY", "PAYOUTS_PAUSED"] as const),
        ...(["NOT_FOUND", "PREIMAGE_WRONG", "ALREADY_REFUNDED"] as const),
      ],
    }),
  },
  "/v1/payouts": {
    get: operation({
      summary: "Your last hundred payouts and withdrawals.",
      key: "needed",
      answers: { 200: json("Payouts", "The newest first.") },
      problems: KEY,
    }),
  },
  "/v1/payouts/{id}": {
    get: operation({
      summary: "One of them.",
      key: "needed",
      parameters: [inPath("id")],
      answers: { 200: json("Payout", "It.") },
      problems: ["KEY_MISSING", "NOT_FOUND"],
    }),
  },
  "/v1/payouts/resume": {
    post: operation({
      summary: "Try your address again after payouts were parked.",
      key: "owner",
      answers: { 200: json("Merchant", "The account.") },
      problems: KEY,
    }),
  },
  "/v1/balance-root": {
    get: operation({
      summary: "What is owed to all merchants together, signed about once a day.",
      answers: { 200: json("BalanceRoot", "The newest one.") },
      problems: ["NOT_FOUND"],
    }),
  },
  "/v1/balance-root/{number}": {
    get: operation({
      summary: "An earlier one. Two different ones with one number prove that the service lies.",
      parameters: [inPath("number")],
      answers: { 200: json("BalanceRoot", "It.") },
      problems: ["NOT_FOUND"],
    }),
  },
  "/v1/balance-proof": {
    get: operation({
      summary: "The proof that your balance is in the newest root. `verifyBalanceProof` of @l402/managed checks it.",
      key: "needed",
      answers: { 200: json("BalanceProof", "It.") },
      problems: ["KEY_MISSING", "NOT_FOUND"],
    }),
  },
  "/v1/notices": {
    get: operation({
      summary: "What you should know.",
      key: "needed",
      answers: { 200: json("Notices", "The newest first.") },
      problems: KEY,
    }),
  },
  "/v1/bills": {
    post: operation({
      summary: "An invoice for the fees that you owe in direct mode.",
      key: "needed",
      parameters: [IDEMPOTENCY],
      answers: { 201: json("CreatedInvoice", "The bill.") },
      problems: ["KEY_MISSING", "NOT_FOUND", "IDEMPOTENCY_KEY_MISSING", "IDEMPOTENCY_KEY_REUSED"],
    }),
  },
  "/api/invoice": {
    post: operation({
      summary: "Make an invoice for an address, in the way of other services of this kind. No account, whole sats.",
      body: "CompatibleOrder",
      answers: { 201: json("CompatibleInvoice", "The invoice.") },
      problems: ["KEY_WRONG", "AMOUNT_INVALID", "ADDRESS_INVALID", "BALANCE_CAP", "INVOICES_STOPPED"],
    }),
  },
  "/webhooks": {
    post: operation({
      summary: "For the node's webhooks. Whatever it says only makes the service ask the node.",
      answers: { 202: { description: "Heard." } },
      problems: ["BODY_TOO_LARGE"],
    }),
  },
};
