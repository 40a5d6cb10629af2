export { isPrivateHost } from "./backend-url.ts";
export { checkAmount, checkedInvoice, checkPaymentHash } from "./checked-invoice.ts";
export {
  type Answer,
  type Backend,
  type BackendOptions,
  type ConnectionOptions,
  createBackend,
  type Question,
  type Refusal,
} from "./create-backend.ts";
export { type Attempt, createWallet, type Order, type WalletBackend } from "./create-wallet.ts";
export { invoiceIn } from "./invoice-in.ts";
export { IDLE_MS, responseOf } from "./node-response.ts";
export { resolvePayment } from "./pay-once.ts";
export { type FoundPayment, failed, knownPreimage, paidResult, unknown } from "./payment-result.ts";
export { type Fields, readFields } from "./read-fields.ts";
export { sha256Hex } from "./sha256-hex.ts";
export { bytesFromBase64, bytesFromHex, checkWebhookSignature, hexFromBytes } from "./webhook-signature.ts";
export { withinTime } from "./within-time.ts";
