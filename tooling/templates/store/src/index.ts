export type { ExampleClient, ExampleUseStoreOptions } from "./example-use-store.ts";
export { createExampleUseStore } from "./example-use-store.ts";
