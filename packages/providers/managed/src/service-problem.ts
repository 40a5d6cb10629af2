import type { Answer, Refusal } from "@l402/backend";
import type { L402ErrorCode } from "@l402/core";

/** The meaning of the service's problem codes for a seller. The service's own words are left out. */
const MEANINGS: Readonly<Record<string, readonly [code: L402ErrorCode, hint: string]>> = {
  ADDRESS_INVALID: [
    "PROVIDER_REJECTED",
    "The managed service could not get an invoice from the Lightning Address. Check lightningAddress.",
  ],
  AMOUNT_INVALID: ["PROVIDER_REJECTED", "The managed service does not accept this amount. Check the price."],
  BODY_INVALID: [
    "PROVIDER_REJECTED",
    "The managed service does not understand the request. Check that it has the same version as @l402/managed.",
  ],
  BALANCE_CAP: [
    "PROVIDER_REJECTED",
    "Your balance at the managed service has reached its limit. Correct the payout address, or withdraw.",
  ],
  BILL_DUE: [
    "PROVIDER_REJECTED",
    "The fees of the managed service are not paid. Create a bill with POST /v1/bills, and pay its invoice.",
  ],
  INVOICES_STOPPED: [
    "PROVIDER_UNREACHABLE",
    "The operator of the managed service has stopped new invoices. Use another provider until it allows them again.",
  ],
  NODE_UNAVAILABLE: [
    "PROVIDER_UNREACHABLE",
    "The Lightning node of the managed service does not answer. Try again later.",
  ],
  NOT_FOUND: ["PROVIDER_REJECTED", "The managed service has no such invoice for this account or Lightning Address."],
};

export function explainProblem({ body }: Answer): Refusal | undefined {
  const code = (body as { code?: unknown } | null | undefined)?.code;
  if (typeof code !== "string" || !Object.hasOwn(MEANINGS, code)) return undefined;
  const [meaning, hint] = MEANINGS[code] as (typeof MEANINGS)[string];
  return { code: meaning, hint };
}
