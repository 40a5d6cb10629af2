export { createFileClientStore } from "./node/file-client-store.ts";
export { publicInternetFetch } from "./node/public-internet-fetch.ts";
