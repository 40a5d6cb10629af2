export { withL402 } from "@l402/core/web";
