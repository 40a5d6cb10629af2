import type { Answer, Refusal } from "@l402/backend";
import type { L402ErrorCode } from "@l402/core";

/** The meaning of the service's problem codes for a seller. The service's own words are left out. */
const MEANINGS: Readonly<Record<string, readonly [code: L402ErrorCode, hint: string]>> = {
  ADDRESS_INVALID: ["PROVIDER_REJECTED", "Check lightningAddress: the service got no invoice from it."],
  AMOUNT_INVALID: ["PROVIDER_REJECTED", "Check the price: the service does not take that amount."],
  BODY_INVALID: ["PROVIDER_REJECTED", "Check that the service is of the same version as @l402/managed."],
  BALANCE_CAP: ["PROVIDER_REJECTED", "The balance at the service is too high: mend the payout address, or withdraw."],
  BILL_DUE: ["PROVIDER_REJECTED", "Pay the service's bill: POST /v1/bills makes an invoice for it."],
  INVOICES_STOPPED: [
    "PROVIDER_UNREACHABLE",
    "The service makes no new invoices. Use another provider for the time being.",
  ],
  NODE_UNAVAILABLE: ["PROVIDER_UNREACHABLE", "The service is there, and its Lightning node is not. Try again."],
  NOT_FOUND: ["PROVIDER_REJECTED", "The service knows no such invoice of this account or address."],
};

export function explainProblem({ body }: Answer): Refusal | undefined {
  const code = (body as { code?: unknown } | null | undefined)?.code;
  if (typeof code !== "string" || !Object.hasOwn(MEANINGS, code)) return undefined;
  const [meaning, hint] = MEANINGS[code] as (typeof MEANINGS)[string];
  return { code: meaning, hint };
}
