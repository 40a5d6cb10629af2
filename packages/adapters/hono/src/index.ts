export { type L402Env, l402 } from "./l402.ts";
