export { type Handler, l402, type PaidHandler } from "./l402.ts";
