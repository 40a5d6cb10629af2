export { createPhoenixd } from "./create-phoenixd.ts";
export { createPhoenixdWallet } from "./create-phoenixd-wallet.ts";
export type { PhoenixdOptions } from "./phoenixd-backend.ts";
export { type PhoenixdWebhook, verifyPhoenixdWebhook } from "./verify-phoenixd-webhook.ts";
