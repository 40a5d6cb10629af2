export { createFileClientStore } from "./file-client-store.ts";
export { publicInternetFetch } from "./public-internet-fetch.ts";
