// Short ways for what nearly every request brings. They only pay where hashes are native, so `web.ts` has none: there,
// hashing takes far longer than all the rest, and the code would have to be loaded.
export { randomId } from "./random-id.ts";
export { signHead } from "./sign-head.ts";
export { createUseTable } from "./use-table.ts";
export { readUsualCredential } from "./usual-credential.ts";
export { readUsualToken } from "./usual-token.ts";
