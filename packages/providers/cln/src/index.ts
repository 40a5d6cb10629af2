export type { ClnOptions } from "./cln-backend.ts";
export { type ClnProviderOptions, createCln } from "./create-cln.ts";
export { createClnWallet } from "./create-cln-wallet.ts";
