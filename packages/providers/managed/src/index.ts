export { createManaged } from "./create-managed.ts";
export type { ManagedOptions } from "./managed-options.ts";
export {
  type BalanceProof,
  type ProvenBalance,
  type TrustedMerchant,
  verifyBalanceProof,
} from "./verify-balance-proof.ts";
