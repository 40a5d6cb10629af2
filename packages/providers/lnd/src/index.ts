export { createLnd, type LndProviderOptions } from "./create-lnd.ts";
export { createLndWallet } from "./create-lnd-wallet.ts";
export type { LndOptions } from "./lnd-backend.ts";
