export { isPrivateHost } from "./backend-url.ts";
export { bytesFromBase64, bytesFromHex, hexFromBytes, sha256Hex } from "./bytes.ts";
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
export { checkWebhookSignature } from "./webhook-signature.ts";
export { withinTime } from "./within-time.ts";
