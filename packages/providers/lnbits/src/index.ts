export { createLnbits, type LnbitsOptions } from "./create-lnbits.ts";
export { createLnbitsWallet, type LnbitsWallet, type LnbitsWalletOptions } from "./create-lnbits-wallet.ts";
