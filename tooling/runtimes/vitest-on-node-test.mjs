// The tests of the adapters only need these two of vitest, and kits bring their own assertions.
export { describe, it } from "node:test";
