export type { NodeBalance } from "./node-balance.ts";
export type { RoutingFee } from "./node-config.ts";
export type { PaymentHold } from "./payment-hold.ts";
export type { RegtestNode } from "./regtest-node.ts";
export type { RegtestOptions } from "./regtest-options.ts";
export type { HashedInvoiceInput } from "./regtest-provider.ts";
export { type Regtest, startRegtest } from "./start-regtest.ts";
