export { createOpennode, type OpennodeOptions } from "./create-opennode.ts";
export { type OpennodeWebhook, verifyOpennodeWebhook } from "./verify-opennode-webhook.ts";
