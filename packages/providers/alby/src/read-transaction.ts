import { readFields } from "@l402/backend";

interface Transaction {
  type: "incoming" | "outgoing";
  state: "open" | "settled" | "expired" | "failed";
  preimage: unknown;
  amountMsat: number | undefined;
  feeMsat: number | undefined;
  createdAt: Date | undefined;
  settledAt: Date | undefined;
}

/** Reads the answer to `lookup_invoice`. Most of its fields are optional. Throws PROVIDER_BAD_RESPONSE. */
export function readTransaction(result: unknown, paymentHash: string): Transaction {
  const fields = readFields("The wallet", { body: result, fundsMoved: "no" });
  if (fields.text("payment_hash").toLowerCase() !== paymentHash) throw fields.unknownValue("payment_hash");
  const type = fields.text("type");
  if (type !== "incoming" && type !== "outgoing") throw fields.unknownValue("type");
  const createdAt = fields.optionalWhole("created_at");
  const settledAt = fields.optionalWhole("settled_at");
  // Older wallets send no state, only the time of settlement.
  const state = STATES.get(fields.optionalText("state") ?? (settledAt ? "settled" : "pending"));
  if (!state) throw fields.unknownValue("state");
  return {
    type,
    state,
    preimage: fields.find("preimage"),
    amountMsat: fields.optionalWhole("amount"),
    feeMsat: fields.optionalWhole("fees_paid"),
    createdAt: createdAt ? new Date(createdAt * 1000) : undefined,
    settledAt: settledAt ? new Date(settledAt * 1000) : undefined,
  };
}

const STATES: ReadonlyMap<string, Transaction["state"]> = new Map([
  ["pending", "open"],
  // The receiver has not yet taken the payment.
  ["accepted", "open"],
  ["settled", "settled"],
  ["expired", "expired"],
  ["failed", "failed"],
]);
