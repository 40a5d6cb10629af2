export type { ClientStore } from "@l402/core";
export type { L402ClientOptions } from "./client-options.ts";
export { createL402Client } from "./create-l402-client.ts";
export type { L402Client, L402Payment, Purchase, Quote, ResponsePayment } from "./l402-client.ts";
export type { BudgetLimits, Spending } from "./payment/budget.ts";
export { createMemoryClientStore } from "./state/memory-client-store.ts";
export { type WebLN, walletFromWebLN } from "./wallet-from-webln.ts";
