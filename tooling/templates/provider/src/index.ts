export type { ExampleOptions } from "./example-options.ts";
export { createExample } from "./example-provider.ts";
export { createExampleWallet } from "./example-wallet.ts";
