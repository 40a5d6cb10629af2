export { type AlbyProviderOptions, createAlby } from "./create-alby.ts";
export { type AlbyWalletOptions, createAlbyWallet } from "./create-alby-wallet.ts";
export type { AlbyOptions, NwcClient } from "./nwc-connection.ts";
