export { l402 } from "./l402.ts";
