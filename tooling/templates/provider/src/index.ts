export { createExample } from "./create-example.ts";
export { createExampleWallet } from "./create-example-wallet.ts";
export type { ExampleOptions } from "./example-backend.ts";
