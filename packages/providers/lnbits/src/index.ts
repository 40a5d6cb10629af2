export { createLnbits, type LnbitsOptions } from "./create-lnbits.ts";
export { createLnbitsWallet, type LnbitsWalletOptions } from "./create-lnbits-wallet.ts";
