import { checkAmount, checkedInvoice, checkPaymentHash, createBackend, readFields } from "@l402/backend";
import { type CreateInvoiceInput, type InvoiceState, L402Error, type LightningProvider } from "@l402/core";
import { checkManagedOptions, type ManagedOptions } from "./managed-options.ts";
import { explainProblem } from "./service-problem.ts";

const NAME = "The managed service";
/** Shorter than the three seconds that a paywall waits, so that it receives the reason. */
const TIMEOUT_SECONDS = 2.5;

/**
 * Receives payments without a node: a service takes them, keeps 0.3 %, and pays out to a Lightning Address. Your own
 * paywall makes and checks the tokens, so paid tokens work even while the service is down.
 */
export function createManaged(options: ManagedOptions): LightningProvider {
  const { lightningAddress, apiKey, direct, compatible } = checkManagedOptions(options);
  const { url, timeoutSeconds = TIMEOUT_SECONDS, fetch } = options;
  const backend = createBackend({
    name: NAME,
    owner: "createManaged",
    url,
    timeoutSeconds,
    explain: explainProblem,
    ...(apiKey !== undefined && { headers: { authorization: `Bearer ${apiKey}` } }),
    ...(fetch && { fetch }),
  });

  async function order(input: CreateInvoiceInput) {
    const { amountMsat, description, expiresInSeconds, signal } = input;
    const json = { amountMsat, description, expiresInSeconds, ...(lightningAddress && { lightningAddress }) };
    const fields = readFields(NAME, await backend.ask({ method: "POST", path: "/v1/invoices", json, signal }));
    // SECURITY: others than the payer may know the preimage of a direct invoice before it is paid
    // (create-managed.test.ts, "an invoice of the other mode").
    if ((fields.text("kind") === "direct") !== direct) {
      throw new L402Error(
        "PROVIDER_REJECTED",
        `The account at the managed service is${direct ? " not" : ""} in direct mode, but createManaged expects the opposite.`,
        {
          hint: `Set createManaged's direct to ${!direct}, or register an account in that mode.`,
        },
      );
    }
    return { bolt11: fields.text("bolt11"), paymentHash: fields.text("paymentHash") };
  }

  async function orderCompatibly({ amountMsat, signal }: CreateInvoiceInput) {
    checkAmount(NAME, amountMsat, "sat");
    const json = { amountSats: amountMsat / 1000, ownerAddress: lightningAddress };
    const fields = readFields(NAME, await backend.ask({ method: "POST", path: "/api/invoice", json, signal }));
    return { bolt11: fields.text("paymentRequest"), paymentHash: fields.text("paymentHash") };
  }

  return {
    name: "managed",
    preimageProvesPayment: !direct,

    async createInvoice(input) {
      checkAmount(NAME, input.amountMsat);
      return checkedInvoice(NAME, input, await (compatible ? orderCompatibly(input) : order(input)));
    },

    async lookupInvoice({ paymentHash }, { signal } = {}): Promise<InvoiceState> {
      checkPaymentHash(NAME, paymentHash);
      if (compatible) {
        throw new L402Error(
          "PROVIDER_REJECTED",
          "createManaged cannot look up invoices with compatible: true, because such services have no call for it.",
          {
            hint: "A paywall needs no look-up here, because the preimage proves the payment.",
          },
        );
      }
      const fields = readFields(NAME, await backend.ask({ path: `/v1/invoices/${paymentHash}`, signal }));
      // SECURITY: the payment of another invoice does not count (create-managed.test.ts, "the state of another").
      if (fields.text("paymentHash") !== paymentHash) throw fields.unknownValue("paymentHash");
      const status = fields.text("status");
      if (status === "open" || status === "expired" || status === "canceled") return { status };
      if (status !== "settled") throw fields.unknownValue("status");
      const settledAt = new Date(fields.optionalText("settledAt") ?? Number.NaN);
      const receivedMsat = fields.optionalWhole("receivedMsat");
      return {
        status,
        ...(!Number.isNaN(settledAt.getTime()) && { settledAt }),
        ...(receivedMsat !== undefined && { receivedMsat }),
      };
    },
  };
}
