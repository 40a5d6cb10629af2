export type { BtcpayOptions } from "./btcpay-backend.ts";
export { type BtcpayProviderOptions, createBtcpay } from "./create-btcpay.ts";
export { createBtcpayWallet } from "./create-btcpay-wallet.ts";
export { type BtcpayWebhook, verifyBtcpayWebhook } from "./verify-btcpay-webhook.ts";
