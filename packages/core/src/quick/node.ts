// Fast paths for nearly every request. They only help where hashes are native, so `web.ts` has none: without native
// hashes, hashing takes far longer than everything else, and these functions would only make the download larger.

export { createPackedUseTable as createUseTable } from "./packed-use-table.ts";
export { randomId } from "./random-id.ts";
export { signUsualHead as signHead } from "./sign-usual-head.ts";
export { readUsualCredential } from "./usual-credential.ts";
export { readUsualToken } from "./usual-token.ts";
