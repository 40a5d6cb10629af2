export { createManaged } from "./create-managed.ts";
export type { ManagedOptions } from "./managed-options.ts";
