export { createLnurl, type LnurlOptions } from "./create-lnurl.ts";
