export type { BlinkOptions } from "./blink-backend.ts";
export { createBlink } from "./create-blink.ts";
export { createBlinkWallet } from "./create-blink-wallet.ts";
export { type BlinkWebhook, verifyBlinkWebhook } from "./verify-blink-webhook.ts";
