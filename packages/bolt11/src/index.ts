export { decodeInvoice } from "./decode-invoice.ts";
export { decodePayable, type PayableInvoice } from "./decode-payable.ts";
export type { DecodedInvoice, FallbackAddress, RouteHintHop } from "./decoded-invoice.ts";
export { encodeInvoice, type InvoiceFields } from "./encode-invoice.ts";
export { NETWORKS, type Network } from "./human-readable-part.ts";
export { InvoiceMalformedError } from "./invoice-malformed-error.ts";
export type { InvoiceSummary } from "./invoice-summary.ts";
export { summarizeInvoice } from "./summarize-invoice.ts";
export type { UnsignedInvoice } from "./unsigned-invoice.ts";
