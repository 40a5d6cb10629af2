import { randomBytes } from "node:crypto";
import type { InvoiceFields } from "@l402/bolt11";
import { signInvoice } from "@l402/bolt11/signature";

/** The key of every fake node. It is public, so an invoice signed with it is worth nothing. */
const NODE_KEY = "402".padStart(64, "0");

/** Creates a real invoice that decodes and verifies everywhere. */
export const signedBolt11 = (fields: Omit<InvoiceFields, "paymentSecret">): string =>
  signInvoice({ ...fields, paymentSecret: randomBytes(32).toString("hex") }, NODE_KEY);
