export type { BudgetLimits, Spending } from "./budget.ts";
export type { L402ClientOptions } from "./client-options.ts";
export {
  type ClientState,
  type ClientStore,
  createMemoryClientStore,
  emptyState,
  type PendingPayment,
  type Scope,
  type StoredCredential,
} from "./client-state.ts";
export { createL402Client } from "./create-l402-client.ts";
export type { L402Client, L402Payment, Quote, ResponsePayment } from "./l402-client.ts";
export { type WebLN, walletFromWebLN } from "./wallet-from-webln.ts";
