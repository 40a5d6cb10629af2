import { json, type Operation, operation } from "./operation.ts";

const IDEMPOTENCY = {
  name: "Idempotency-Key",
  in: "header",
  schema: { type: "string", minLength: 1, maxLength: 255 },
  description:
    "A repeated request with the same key and the same body gets the same result. With another body, it is refused.",
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
  "/": {
    get: operation({
      summary: "Show the service and its terms.",
      answers: { 200: json("Service", "The terms of the service.") },
    }),
  },
  "/health": {
    get: operation({
      summary: "Check whether the service works.",
      answers: { 200: json("Health", "The service works."), 503: json("Health", "The service does not work.") },
    }),
  },
  "/openapi.json": {
    get: operation({ summary: "Get this document.", answers: { 200: { description: "OpenAPI 3.1." } } }),
  },
  "/v1/merchants": {
    post: operation({
      summary: "Register with a Lightning Address.",
      body: "NewMerchant",
      answers: { 201: json("RegisteredMerchant", "The account and its keys. The keys are shown only once.") },
      problems: ["ADDRESS_INVALID"],
    }),
  },
  "/v1/merchant": {
    get: operation({
      summary: "Get your account.",
      key: "needed",
      answers: { 200: json("Merchant", "The account.") },
      problems: KEY,
    }),
  },
  "/v1/merchant/address": {
    put: operation({
      summary: "Change the address of your payouts. The change takes effect later, and you get a notice.",
      key: "owner",
      body: "NewAddress",
      answers: { 202: json("Merchant", "The account, with the next address.") },
      problems: [...KEY, "ADDRESS_INVALID"],
    }),
  },
  "/v1/merchant/keys": {
    post: operation({
      summary: "Replace a key that may have leaked. The old key stops working.",
      key: "owner",
      body: "KeyToChange",
      answers: { 201: json("ChangedKey", "The new key. It is shown only once.") },
      problems: KEY,
    }),
  },
  "/v1/invoices": {
    post: operation({
      summary: "Create an invoice. You receive its payment, minus the fee.",
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
      summary: "Get an invoice and its status.",
      key: "optional",
      parameters: [inPath("paymentHash")],
      answers: { 200: json("Invoice", "The invoice.") },
      problems: ["NOT_FOUND"],
    }),
  },
  "/v1/balance": {
    get: operation({
      summary: "Get your balance.",
      key: "needed",
      answers: { 200: json("Balance", "The balance.") },
      problems: KEY,
    }),
  },
  "/v1/statement": {
    get: operation({
      summary: "List everything that changed your balance, oldest first.",
      key: "needed",
      parameters: [inQuery("after", "The `next` of the previous page."), inQuery("limit", "1 to 1000. Default 100.")],
      answers: { 200: json("Statement", "One page of the statement.") },
      problems: ["KEY_MISSING", "QUERY_INVALID"],
    }),
  },
  "/v1/statement.csv": {
    get: operation({
      summary: "Get the whole statement as CSV, for a spreadsheet.",
      key: "needed",
      answers: { 200: { description: "A header line, and one line for each transaction.", contentType: "text/csv" } },
      problems: KEY,
    }),
  },
  "/v1/withdrawals": {
    post: operation({
      summary: "Withdraw: pay your own invoice from your balance.",
      key: "owner",
      body: "NewWithdrawal",
      parameters: [{ ...IDEMPOTENCY, required: true }],
      answers: {
        201: json("Payout", "The payout has ended. Its status tells the outcome."),
        202: json("Payout", "The payout is running. Look it up by its id."),
      },
      problems: [
        ...(["KEY_MISSING", "IDEMPOTENCY_KEY_MISSING", "IDEMPOTENCY_KEY_REUSED", "INVOICE_INVALID"] as const),
        ...(["AMOUNT_INVALID", "BALANCE_TOO_LOW", "ALREADY_UNDER_WAY", "PAYOUTS_PAUSED"] as const),
      ],
    }),
  },
  "/v1/refunds": {
    post: operation({
      summary: "Refund a payment to its buyer from your balance, once and at most in full. The fee is not refunded.",
      key: "owner",
      body: "NewRefund",
      parameters: [{ ...IDEMPOTENCY, required: true }],
      answers: {
        201: json("Payout", "The payout has ended. Its status tells the outcome."),
        202: json("Payout", "The payout is running. Look it up by its id."),
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
      summary: "List your last 100 payouts and withdrawals.",
      key: "needed",
      answers: { 200: json("Payouts", "The payouts, newest first.") },
      problems: KEY,
    }),
  },
  "/v1/payouts/{id}": {
    get: operation({
      summary: "Get one payout or withdrawal.",
      key: "needed",
      parameters: [inPath("id")],
      answers: { 200: json("Payout", "The payout.") },
      problems: ["KEY_MISSING", "NOT_FOUND"],
    }),
  },
  "/v1/payouts/resume": {
    post: operation({
      summary: "Resume your payouts after they were parked.",
      key: "owner",
      answers: { 200: json("Merchant", "The account.") },
      problems: KEY,
    }),
  },
  "/v1/balance-root": {
    get: operation({
      summary: "Get the newest balance root: the total owed to all merchants, signed about once a day.",
      answers: { 200: json("BalanceRoot", "The newest balance root.") },
      problems: ["NOT_FOUND"],
    }),
  },
  "/v1/balance-root/{number}": {
    get: operation({
      summary: "Get an earlier balance root. Two different roots with the same number prove that the service lies.",
      parameters: [inPath("number")],
      answers: { 200: json("BalanceRoot", "The balance root.") },
      problems: ["NOT_FOUND"],
    }),
  },
  "/v1/balance-proof": {
    get: operation({
      summary:
        "Get the proof that the newest balance root contains your balance. `verifyBalanceProof` of @l402/managed checks it.",
      key: "needed",
      answers: { 200: json("BalanceProof", "The proof.") },
      problems: ["KEY_MISSING", "NOT_FOUND"],
    }),
  },
  "/v1/notices": {
    get: operation({
      summary: "List your notices.",
      key: "needed",
      answers: { 200: json("Notices", "The notices, newest first.") },
      problems: KEY,
    }),
  },
  "/v1/bills": {
    post: operation({
      summary: "Create an invoice for the fees that you owe in direct mode.",
      key: "needed",
      parameters: [IDEMPOTENCY],
      answers: { 201: json("CreatedInvoice", "The bill.") },
      problems: ["KEY_MISSING", "NOT_FOUND", "IDEMPOTENCY_KEY_MISSING", "IDEMPOTENCY_KEY_REUSED"],
    }),
  },
  "/api/invoice": {
    post: operation({
      summary:
        "Create an invoice for a Lightning Address, without an account and in whole sats. Compatible with similar services.",
      body: "CompatibleOrder",
      answers: { 201: json("CompatibleInvoice", "The invoice.") },
      problems: ["KEY_WRONG", "AMOUNT_INVALID", "ADDRESS_INVALID", "BALANCE_CAP", "INVOICES_STOPPED"],
    }),
  },
  "/webhooks": {
    post: operation({
      summary: "Receive a webhook of the node. The service does not trust it, but then asks the node.",
      answers: { 202: { description: "The webhook was received." } },
      problems: ["BODY_TOO_LARGE"],
    }),
  },
};
